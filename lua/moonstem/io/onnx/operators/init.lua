--- All operators that can be written, by name: f(g, row, inputs, y) adds the nodes of a call to a
-- graph (io/onnx/graph.lua). row: a row of the recording, with the operator's arguments by name;
-- inputs: values, nil where one was left out; y: the value that the call makes, of which it sets
-- y.last or y.first.
local M = {}

local FILES = { "elementwise", "shapes", "products", "convolutions", "reductions", "recurrent",
  "spectra" }

for _, file in ipairs(FILES) do
  for name, f in pairs(require("moonstem.io.onnx.operators." .. file)) do M[name] = f end
end
for name, f in pairs(require("moonstem.io.onnx.operators.norms").operators) do M[name] = f end

return M
