--- digest(text) -> FNV-1a, 64 bits, as 16 hexadecimal digits: whether a text is as it was, not who
-- wrote it.
return function(text)
  local hash = 0xcbf29ce484222325
  for i = 1, #text do hash = (hash ~ text:byte(i)) * 0x100000001b3 end -- integers wrap
  return ("%016x"):format(hash)
end
