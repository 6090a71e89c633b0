--- What a run's numbers come from besides its settings: the program, the kernels, libraries, data,
-- script and first weights. Runs record it, and say where it differs.
local changes = require "moonstem.train.changes"
local core = require "moonstem.core.tensor"
local core_io = require "moonstem.core.io"
local core_sys = require "moonstem.core.sys"
local provenance = require "moonstem.sys.provenance"
local sys = require "moonstem.sys"

local M = {}

local function machine()
  local found = core.machine()
  found.host, found.cores, found.processor = sys.hostname(), sys.cpu_count(), sys.processor()
  found.libraries = provenance.libraries()
  return found
end

--- A sum of a model's weights as they are now.
function M.weights(model)
  local state, names, texts = model:state(), {}, {}
  for name in pairs(state) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do
    texts[i] = ("%s %08x"):format(name, core_io.crc32c(state[name]:bytes()))
  end
  return ("%08x"):format(core_io.crc32c(table.concat(texts, "\n")))
end

--- What settings.json says beside what was asked for: versions, the machine, the command and where
-- it was given, and `inputs`, a table: data and first weights.
function M.now(inputs)
  return { moonstem = core_sys.version or "unknown", code = provenance.code(), lua = _VERSION,
    machine = machine(), command = sys.command_line(), folder = sys.absolute ".",
    script = provenance.script(), inputs = inputs, started = os.date "!%Y-%m-%dT%H:%M:%SZ" }
end

-- What numbers depend on, in words.
local PARTS = {
  { "kernels", function(r) return r.machine.cpu end },
  { "kernels of OpenBLAS", function(r) return r.machine.blas end },
  { "numbers", function(r) return r.machine.real end },
  { "precision", function(r) return r.machine.precision end },
  { "libraries", function(r) return r.machine.libraries end },
  { "version", function(r) return r.moonstem end },
  { "code", function(r) return r.code end },
  { "Lua", function(r) return r.lua end },
  { "script", function(r) return r.script and r.script.sum end },
  { "data", function(r) return r.inputs and r.inputs.data end },
  { "first weights", function(r) return r.inputs and r.inputs.weights end, first = true },
}

--- How two records of settings.json differ in what numbers depend on: a list of { path = in words,
-- old =, new = (texts) }. What one of them does not say is left out. first: of runs from their
-- first step on; one that goes on has its weights from a checkpoint.
function M.differences(before, now, first)
  local old, new = {}, {}
  before.machine, now.machine = before.machine or {}, now.machine or {}
  for _, part in ipairs(PARTS) do
    local name, a, b = part[1], part[2](before), part[2](now)
    if a ~= nil and b ~= nil and (first or not part.first) then old[name], new[name] = a, b end
  end
  return changes.between(old, new)
end

--- Such a list as one line: "kernels avx2 / portable, code 1f00ba11 / deadbeef".
function M.line(list)
  local texts = {}
  for i, entry in ipairs(list) do
    texts[i] = ("%s %s / %s"):format(entry.path, entry.old, entry.new):gsub('"', "")
  end
  return table.concat(texts, ", ")
end

return M
