--- What the names of a module's instruments say: the stem that each belongs to. Names are all that
-- is known of them; where they say nothing, the answer is nil.
local sounds = {}

-- Words by stem, tried in this order on the name in lower case. "mixed": a loop of several
-- instruments.
local words = {
  { "mixed", { "groove", "loop%d", "break", "/bass", "bass/" } },
  { "vocals", { "vox", "speech", "vocal", "voclead", "%f[%a]rap%f[%A]", "singer" } },
  { "other", { "bassoon", "bass.?oboe", "bass.?clar", "bass.?sax", "chord" } },
  { "drums", { "drum", "bd%f[%A]", "bassd%f[%A]", "base.?d", "snare", "znare", "hi.?hat",
    "%f[%a]c?o?hh%f[%A]", "hhat", "hht%d", "%f[%a][co]?%-?hat%f[%A]", "hatperco", "kick", "cymbal",
    "crash", "tom%f[%A]", "toms%f[%A]", "tomhq", "ride%f[%A]", "clap", "conga", "bongo", "tabla",
    "shaker", "tambour", "rimshot", "cowbell", "perc", "kettle", "timpani", "dkin", "clave",
    "maraca", "metal.?hit", "tummp", "thebewm", "woodblock", "touchwood", "tick%f[%A]" } },
  { "bass", { "bass", "%f[%a]bas%f[%A]", "subb" } },
  { "other", { "piano", "guitar", "string", "flute", "organ", "lead", "synth", "zynth", "brass",
    "horn", "choir", "chorus", "pluck", "accord", "bell", "pad%f[%A]", "wind", "violin", "cello",
    "sello", "oboe", "marimba", "vibe", "vibra", "harp", "trumpet", "sax", "clarinet", "glock",
    "chime", "pizzicato", "square.?wave", "flj00te", "shakuhac", "koto", "sitar", "twang", "banjo",
    "juno", "orch", "ensemble", "trombone", "tuba", "steel", "nylon", "wurli", "cmin", "cmaj",
    "gmin", "g#maj", "sus[24]", "reso", "flange", "analog", "filter", "sweep", "twinkle",
    "spherice", "barrel", "noise", "techsound", "klank", "factory", "scratch", "stylus", "scream",
    "explosion", "glass", "real%.nature", "tropic", "pop%f[%A]", "whee", "buzz" } },
}

--- "drums", "bass", "vocals", "other", "mixed" (a loop of several), or nil where the name does not
-- tell.
function sounds.stem(name)
  local text = name:lower():gsub(":.*", "")
  for _, row in ipairs(words) do
    for _, word in ipairs(row[2]) do
      if text:find(word) then return row[1] end
    end
  end
end

return sounds
