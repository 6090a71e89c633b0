--- Event files of TensorBoard in the folder of a run: its losses and scores as scalars, its
-- settings as a text. A run that goes on drops the points behind the step that it goes on from.
local core_io = require "moonstem.core.io"
local protobuf = require "moonstem.io.protobuf"
local sys = require "moonstem.sys"

local Events = {}
Events.__index = Events

local M = {}

local NAME = "events.out.tfevents.moonstem"
local VERSION = "brain.Event:2"
local STRING = 7 -- DT_STRING

-- The parts of event.proto, summary.proto and tensor.proto that are written.
local MESSAGES = {
  Event = { wall_time = { 1, "double" }, step = { 2, "int" }, file_version = { 3, "string" },
    summary = { 5, "Summary" } },
  Summary = { value = { 1, "Value", many = true } },
  Value = { tag = { 1, "string" }, simple_value = { 2, "float" }, tensor = { 8, "Tensor" },
    metadata = { 9, "Metadata" } },
  Metadata = { plugin_data = { 1, "Plugin" } },
  Plugin = { plugin_name = { 1, "string" } },
  Tensor = { dtype = { 1, "int" }, tensor_shape = { 2, "Shape" },
    string_val = { 8, "string", many = true } },
  Shape = { dim = { 2, "Dimension", many = true } },
  Dimension = { size = { 1, "int" } },
}

local function record(event)
  event.wall_time = sys.now()
  return core_io.tfrecord(protobuf.encode(MESSAGES, "Event", event))
end

-- ---- what was written before ----------------------------------------------------------------
local ROUND = "train/loss_of_round" -- a tag that the event of a round has, and no other
local STEP = 0x10 -- key of the field, which stands behind the time's nine bytes

local function step_of(event)
  if event:byte(10) ~= STEP then return 0 end
  local step, shift, at = 0, 0, 11
  repeat
    local byte = event:byte(at) or 0
    step, shift, at = step | (byte & 0x7F) << shift, shift + 7, at + 1
  until byte < 0x80
  return step
end

-- The whole records up to a position; the last one may have been cut short. The round that ends at
-- its step may not be over for it.
local function kept(bytes, position)
  local list, at, rounds = {}, 1, 0
  while at + 16 <= #bytes + 1 do
    local n = string.unpack("<I8", bytes, at)
    if n < 0 or n > #bytes - at - 15 then break end
    local event = bytes:sub(at + 12, at + 11 + n)
    if event:find(ROUND, 1, true) then rounds = rounds + 1 end
    if step_of(event) <= position.step and rounds <= position.round then
      list[#list + 1] = bytes:sub(at, at + 15 + n)
    end
    at = at + 16 + n
  end
  return table.concat(list)
end

-- ---- texts ------------------------------------------------------------------------------------
local function flattened(value, name, rows)
  if type(value) ~= "table" then
    rows[#rows + 1] = ("| %s | %s |"):format(name, tostring(value):gsub("[|\n]", " "))
    return
  end
  local keys = {}
  for key in pairs(value) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  for _, key in ipairs(keys) do
    flattened(value[key], name and name .. "." .. tostring(key) or tostring(key), rows)
  end
end

-- A table in Markdown, which TensorBoard shows as one.
local function text_of(settings)
  local rows = { "| setting | value |", "|---|---|" }
  flattened(settings, nil, rows)
  local tensor = { dtype = STRING, tensor_shape = { dim = { { size = 1 } } },
    string_val = { table.concat(rows, "\n") } }
  return { step = 0, summary = { value = { { tag = "settings", tensor = tensor,
    metadata = { plugin_data = { plugin_name = "text" } } } } } }
end

-- ---- writing ------------------------------------------------------------------------------------
local function scalars(step, list)
  local values = {}
  for k, pair in ipairs(list) do values[k] = { tag = pair[1], simple_value = pair[2] } end
  return record { step = step, summary = { value = values } }
end

-- The points of a line of metrics.jsonl.
local function round_of(row)
  local list = { { ROUND, row.train_loss } }
  local names = {}
  for name, value in pairs(row) do
    if name:find "^valid_" and type(value) == "number" then names[#names + 1] = name end
  end
  table.sort(names)
  for _, name in ipairs(names) do list[#list + 1] = { "valid/" .. name:sub(7), row[name] } end
  return scalars(row.step, list)
end

-- A new file's beginning: with the rounds that the log has already, where the file comes late.
local function beginning(settings, log)
  local pieces = { record { file_version = VERSION }, record(text_of(settings)) }
  for _, row in ipairs(sys.exists(log) and core_io.load_json_lines(log) or {}) do
    pieces[#pieces + 1] = round_of(row)
  end
  return table.concat(pieces)
end

--- tensorboard.open(folder, settings, position) -> events, or nil and a message
-- folder: an open run folder (folder.lua) whose log is rewound to the position { step =, round = },
-- or nil: then all that follows does nothing. settings: a table, shown as text.
function M.open(folder, settings, position)
  if not folder then return setmetatable({}, Events) end
  local path = folder:path(NAME)
  local before = sys.exists(path) and sys.read_file(path)
  local bytes = before and kept(before, position) or ""
  if bytes == "" then bytes = beginning(settings, folder:path "metrics.jsonl") end
  local ok, why = sys.write_file(path, bytes)
  if not ok then return nil, why end
  return setmetatable({ path = path, pieces = {} }, Events)
end

--- The points of a step.
function Events:step(step, loss, lr)
  if self.path then
    table.insert(self.pieces, scalars(step, { { "train/loss", loss }, { "train/lr", lr } }))
  end
end

--- The points of a validation round; row: its line of metrics.jsonl.
function Events:round(row)
  if self.path then table.insert(self.pieces, round_of(row)) end
end

--- Writes what has come together; true, or nil and a message. To be called before each checkpoint.
function Events:flush()
  if not self.path then return true end
  local file, why = io.open(self.path, "ab")
  if not file then return nil, why end
  local written, problem = file:write(table.concat(self.pieces))
  local closed, late = file:close()
  if not written or not closed then
    return nil, ("cannot write %s: %s"):format(self.path, problem or late)
  end
  self.pieces = {}
  return true
end

return M
