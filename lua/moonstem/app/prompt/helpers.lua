--- Words of the prompt that are functions: help, who, time, bench, edit, save_session, and show,
-- play and plot of ms.
local editor = require "moonstem.app.prompt.editor"
local help = require "moonstem.app.help"
local question = require "moonstem.app.question"
local strict = require "moonstem.strict"
local timing = require "moonstem.app.prompt.timing"
local who = require "moonstem.app.prompt.who"

local M = {}

-- help, help(f), help "ms.audio.stft": a value that shows how the prompt is used, and a function.
local helper = setmetatable({}, {
  __tostring = function() return question.USAGE end,
  __call = function(_, ...)
    print(select("#", ...) == 0 and question.USAGE or question.about((...)))
  end,
})

-- Functions of ms under a shorter name; it loads its libraries when they are used.
local function of_ms(name)
  local function f(...) return require "moonstem"[name](...) end
  help.alias(f, "ms." .. name)
  return f
end

--- Defines the helpers as variables, but those that a script has defined already. session: what is
-- typed; run(text) runs a text that was edited. What a user defines from now on is seen by who().
function M.install(session, run)
  local known = {}
  local list = { help = helper, time = timing.time, bench = timing.bench, show = of_ms "show",
    play = of_ms "play", plot = of_ms "plot", edit = editor.new(session, run), who = who.new(known),
    save_session = session:saver() }
  for name, f in pairs(list) do
    if rawget(_G, name) == nil then
      _G[name] = type(f) == "function" and strict.counting(f, name, 0) or f
    end
  end
  known._ = true
  for name in next, _G do known[name] = true end
end

return M
