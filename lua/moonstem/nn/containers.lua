--- Containers under the names by which users of PyTorch and Torch7 look for them: the functions of
-- ms.net, which are the one way to put parts together.
local chain = require "moonstem.net.chain"
local layer = require "moonstem.net.layer"

local kinds = layer.kinds

--- ms.nn.sequential{part, part, ..., name =, input =} -> module: ms.net.chain, under PyTorch's name
kinds.sequential = chain.chain

--- ms.nn.residual{part, ...} -> module: ms.net.residual: x + what the parts make of x
kinds.residual = chain.residual

--- ms.nn.parallel{part, part, ...} -> module: ms.net.concat: all parts are given x; the channels of
-- their results in a row
kinds.parallel = chain.concat

--- ms.nn.lambda(f) -> a part of a chain: ms.net.op(f): calls f(x), which keeps nothing of x
function kinds.lambda(f)
  if type(f) ~= "function" then error("lambda: a function is needed, got " .. type(f), 2) end
  return chain.op(f)
end
