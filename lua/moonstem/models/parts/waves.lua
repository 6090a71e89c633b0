--- What taggers of waves are given: checked before a message from inside would tell of it.
local core = require "moonstem.tensor"

--- waves(x) -> x; raises unless it is (batch, samples).
return function(x)
  core.check_tensor(x, "the waves")
  if #x:size() ~= 2 then
    error(("waves are (batch, samples), got %s%s"):format(x:shape(), #x:size() == 1
      and "; one wave is a batch as x:unsqueeze(1)" or ""), 0)
  end
  return x
end
