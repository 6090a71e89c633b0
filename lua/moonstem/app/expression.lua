--- What a user typed as an expression.

--- expression(text, name) -> a function that returns the values of the expression; nil and a
-- message where the text is none. Its last call is an argument of another one: were it a tail call,
-- Lua would forget the user's line by the time of an error.
return function(text, name)
  local chunk, why = load("return " .. text, name, "t")
  if not chunk then return nil, why end
  return load("return select(1, " .. text .. "\n)", name, "t") or chunk
end
