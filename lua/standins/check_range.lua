--- Seconds and seed of a corpus, whose ranges no kind of option tells.

--- Raises, at that level of the stack, where one of them is out of range.
return function(who, o, level)
  if not (o.seconds >= 2 and o.seconds <= 3600) then
    error(("%s: seconds must lie between 2 and 3600"):format(who), level)
  end
  if o.seed < 0 then error(("%s: seed must be 0 or more, got %d"):format(who, o.seed), level) end
end
