--- The programs that make the sound: where they are, which Debian package brings them, and how they
-- are run.
local sys = require "moonstem.sys"
local work_folder = require "moonstem.sys.work_folder"

local tools = {}

local voice_folder = "/usr/share/festival/voices/"

--- The bank that is used unless another is named.
tools.soundfont = "/usr/share/sounds/sf2/TimGM6mb.sf2"

--- What must be there, in the order in which it is asked for: a program, or a path.
tools.needs = {
  { program = "mma", package = "mma" },
  { program = "fluidsynth", package = "fluidsynth" },
  { path = tools.soundfont, package = "timgm6mb-soundfont" },
  { program = "festival", package = "festival" },
  { path = voice_folder .. "english/kal_diphone", package = "festvox-kallpc16k" },
  { path = voice_folder .. "english/ked_diphone", package = "festvox-kdlpc16k" },
  { path = voice_folder .. "italian/lp_diphone", package = "festvox-italp16k" },
  { path = voice_folder .. "italian/pc_diphone", package = "festvox-itapc16k" },
  { path = voice_folder .. "finnish/suo_fi_lj_diphone", package = "festvox-suopuhe-lj" },
  { path = voice_folder .. "finnish/hy_fi_mv_diphone", package = "festvox-suopuhe-mv" },
  { program = "espeak-ng", package = "espeak-ng" },
}

--- Whether a program is installed.
function tools.on_path(program)
  for folder in (os.getenv("PATH") or "/usr/bin:/bin"):gmatch("[^:]+") do
    if sys.exists(folder .. "/" .. program) then return true end
  end
  return false
end

-- fluidsynth takes the system's bank for a file that it cannot read, without a word.
local function is_soundfont(path)
  local file = io.open(path, "rb")
  local head = file and file:read(12) or ""
  if file then file:close() end
  return head:sub(1, 4) == "RIFF" and head:sub(9, 12) == "sfbk"
end

--- True when the file at `path` is a soundfont, or nil and a message.
function tools.check_soundfont(path)
  if is_soundfont(path) then return true end
  return nil, ("%s is not there, or is no soundfont (.sf2, .sf3)"):format(path)
end

--- True when everything is installed, or nil and a message that names the packages to install.
-- soundfont: another bank than the default, or nil.
function tools.check(soundfont)
  local missing, packages = {}, {}
  for _, need in ipairs(tools.needs) do
    local ours = need.path == tools.soundfont and soundfont
    local there = ours or (need.program and tools.on_path(need.program))
      or (need.path and sys.exists(need.path))
    if not there then
      missing[#missing + 1] = need.program or need.path
      packages[#packages + 1] = need.package
    end
  end
  if soundfont and not is_soundfont(soundfont) then return tools.check_soundfont(soundfont) end
  if #missing == 0 then return true end
  return nil, ("to render corpora, %s must be installed: "
    .. "apt-get install --no-install-recommends %s")
    :format(table.concat(missing, ", "), table.concat(packages, " "))
end

-- Programs that end with status 0 where something failed, and what they say then.
local CONFESSIONS = { fluidsynth = "fluidsynth: error:" }

-- The words of a program go to said.txt in its work folder. It sees no settings of the user, and
-- leaves nothing outside (fluidsynth's sound server would, in TMPDIR, for every new HOME).
local function command_of(folder, argv)
  local command = { table.unpack(argv) }
  command.dir, command.stderr = folder, folder .. "/said.txt"
  command.env = { HOME = folder, TMPDIR = folder, LC_ALL = "C.UTF-8" }
  return command
end

local GREW = 128 + 25 -- the status of a program that SIGXFSZ has ended

-- True where a program did its work; nil and a sentence.
local function judge(folder, name, status, why)
  if not status then return nil, why end
  if status == GREW then
    return nil, ("%s cannot write what it has to in %s: File too large"):format(name, folder)
  end
  if status > 128 then return nil, ("%s was stopped (status %d)"):format(name, status) end
  local confession = CONFESSIONS[name]
  local said = confession and tools.read(folder .. "/said.txt") or ""
  if status == 0 and not (confession and said:find(confession, 1, true)) then return true end
  return nil, tools.complaint(folder, name .. " failed")
end

--- Runs a program inside a work folder. argv: the program and its arguments, file names relative to
-- the folder. True where it did its work; nil and a sentence where it could not start, was stopped
-- or failed, and then nothing is known about the piece.
function tools.run(folder, argv)
  local command = command_of(folder, argv)
  command.stdout = command.stderr
  return judge(folder, argv[1], sys.run(command))
end

--- What a program writes on its standard output, as run; nil and a sentence.
function tools.capture(folder, argv)
  local status, text = sys.capture(command_of(folder, argv))
  local good, why = judge(folder, argv[1], status, text)
  return good and text, why
end

--- Runs a script of festival in its folder, as run does. Its own heap of ten million cells takes a
-- second to fill.
function tools.festival(folder, script)
  return tools.run(folder, { "festival", "--heap", "1000000", "-b", script })
end

--- Writes a small file for a tool. Returns true, or nil and a message.
function tools.write(path, text) return sys.write_file(path, text) end

--- A sentence about a program that did not do its work, with the folder, its own last words, and
-- what keeps it from writing. What it has written is to be there still, as a full disk has room
-- without it.
function tools.complaint(folder, what)
  local words = (tools.read(folder .. "/said.txt") or ""):match("([^\n]+)%s*$")
  local trouble = work_folder.trouble(folder)
  if words and trouble then words = words .. "; " .. trouble end
  return ("%s in %s: %s"):format(what, folder, words or trouble or "it gave no reason")
end

--- The bytes of a file a tool should have written, or nil.
function tools.read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local bytes = file:read("a")
  file:close()
  return bytes
end

return tools
