--- What people type at the prompt: a turn has some of everything. DIR is a folder to work in.
local lu = require "luaunit"

local M = {}

local READY = ' print("re" .. "ady")' -- what is echoed is not what is awaited

-- Statements, and what each must bring to the screen.
local TURN = {
  { "x = ms.randn{200, 50}; y = x:t():matmul(x):softmax()", nil },
  { "y:sum():item() > 49", "true" },
  { "ms.zeros{2}:nothing()", "nothing" },
  { "ms.randn{2, 3} + ms.randn{4}", "add" },
  { "x = = 3", "near" },
  { "w = ms.randn{16000} * 0.1", nil },
  { "ms.audio.write('DIR/a.wav', w, 16000)", nil },
  { "v = ms.audio.read('DIR/a.wav')", nil },
  { "ms.audio.mel(v, { rate = 16000 })", "tensor" },
  { "ms.audio.read('DIR/none.mp3')", "none.mp3" },
  { "ms.figure.wave('DIR/a.svg', { x = w, rate = 16000 })", "a.svg" },
  { "ms.figure.spectrogram('DIR/b.svg', { x = v, rate = 16000 })", "b.svg" },
  { "?ms.audio.stft", "stft" },
  { "??spectrogram", "ms." },
  { "who()", "x" },
  { "ms.save_nothing", "save_nothing" },
  { "ms.io.save_npy('DIR/x.npy', x)", nil },
  { "ms.io.load_npy('DIR/x.npy')", "200x50" },
  { "m = ms.nn.linear{ in_features = 50, out_features = 1 }; o = ms.optim.adam(m:parameters(), "
    .. "{ lr = 1e-3 })", nil },
  { "for i = 1, 20 do local _ <close> = ms.scope(); local l = m(x):square():mean(); o:zero(); "
    .. "l:backward(); o:step() end", nil },
  { "ms.sys.capture{'echo', 'chi' .. 'ld'}", "child" },
  { "f = function(n) if n > 0 then return f(n - 1) + 1 end error 'deep' end f(50)", "deep" },
}

-- Now and then: processes and a training with its folder.
local RARE = {
  { "l = ms.data.loader{ items = 8, workers = 2, load = function(i) return { x = ms.ones{4} * i } "
    .. "end }; n = 0; for batch in l:epoch(1) do n = n + 1 end print(n)", "8" },
}

-- Types a statement and waits until it is done.
local function statement(terminal, dir, row)
  terminal:type(row[1]:gsub("DIR", dir) .. "\n")
  terminal:type(READY .. "\n")
  local shown = terminal:await "ready\r\n"
  if row[2] then lu.assertStrContains(shown:gsub("\r", ""), row[2]) end
end

-- Names are completed, and the line is dropped.
local function complete(terminal)
  terminal:type "ms.audio.st\t\t"
  terminal:await "stft"
  terminal:type "\3"
  terminal:type(READY .. "\n")
  terminal:await "ready\r\n"
end

local function interrupt(terminal)
  terminal:type 'print("be" .. "gun") while true do end\n'
  terminal:await "begun\r\n"
  terminal:type "\3"
  terminal:await "interrupted"
end

--- habits.begin(terminal, dir) -> the prompt's process number
function M.begin(terminal, dir)
  statement(terminal, dir, { "ms.seed(1)", nil })
  terminal:type 'print("pid", ms.sys.pid(), "." .. ".")\n'
  return math.tointeger(tonumber(terminal:await "..\r\n":match "pid%s+(%d+)%s+%.%."))
end

--- habits.turn(terminal, dir, number) -> how many statements were typed
function M.turn(terminal, dir, number)
  for _, row in ipairs(TURN) do statement(terminal, dir, row) end
  if number % 2 == 0 then
    for _, row in ipairs(RARE) do statement(terminal, dir, row) end
  end
  complete(terminal)
  interrupt(terminal)
  statement(terminal, dir, { "collectgarbage() collectgarbage()", nil })
  return 2 * (#TURN + #RARE) + 4
end

return M
