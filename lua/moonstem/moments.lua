--- Mean and standard deviation of numbers: one way for statistics, metrics, tables and figures.

--- { n =, mean =, sd = (n - 1; nil of one value), se =, min =, max = } of a list of finite numbers
-- that is not empty. The mean is taken from the first value on, so that equal values have exactly
-- no spread.
return function(list)
  local n, first = #list, list[1]
  local sum, squares, low, high = 0.0, 0.0, first, first
  for i = 1, n do
    sum, low, high = sum + (list[i] - first), math.min(low, list[i]), math.max(high, list[i])
  end
  local mean = first + sum / n
  for i = 1, n do squares = squares + (list[i] - mean) ^ 2 end
  local sd = n > 1 and math.sqrt(squares / (n - 1)) or nil
  return { n = n, mean = mean, sd = sd, se = sd and sd / math.sqrt(n), min = low, max = high }
end
