--- A tail from its options, of either kind.
local KINDS = { cnn = "moonstem.models.cnn_tail", ast = "moonstem.models.ast_tail" }

--- ms.models.tail{kind = "cnn" or "ast", ...} -> ms.models.cnn_tail{...} or ms.models.ast_tail{...}
return function(o)
  local options = {}
  for key, value in pairs(o or {}) do options[key] = value end
  local kind = options.kind or "cnn"
  if not KINDS[kind] then error('tail: kind must be "cnn" or "ast", got ' .. tostring(kind), 0) end
  options.kind = nil
  return require(KINDS[kind])(options)
end
