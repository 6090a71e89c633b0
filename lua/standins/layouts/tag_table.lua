--- The tags of MagnaTagATune: the 188 columns in their order, the 50 most frequent, and how often a
-- true one is given.
local table_of = {}

local function split(text)
  local list = {}
  for tag in text:gsub("\n", ""):gmatch("[^|]+") do list[#list + 1] = tag end
  return list
end

--- The columns of annotations_final.csv, with its misspelt doubles ("clasical", "harpsicord").
table_of.columns = split [[
no voice|singer|duet|plucking|hard rock|world|bongos|harpsichord|female singing|clasical|sitar|
chorus|female opera|male vocal|vocals|clarinet|heavy|silence|beats|men|woodwind|funky|no strings|
chimes|foreign|no piano|horns|classical|female|no voices|soft rock|eerie|spacey|jazz|guitar|quiet|
no beat|banjo|electric|solo|violins|folk|female voice|wind|happy|ambient|new age|synth|funk|
no singing|middle eastern|trumpet|percussion|drum|airy|voice|repetitive|birds|space|strings|bass|
harpsicord|medieval|male voice|girl|keyboard|acoustic|loud|classic|string|drums|electronic|
not classical|chanting|no violin|not rock|no guitar|organ|no vocal|talking|choral|weird|opera|
soprano|fast|acoustic guitar|electric guitar|male singer|man singing|classical guitar|country|
violin|electro|reggae|tribal|dark|male opera|no vocals|irish|electronica|horn|operatic|arabic|lol|
low|instrumental|trance|chant|strange|drone|synthesizer|heavy metal|modern|disco|bells|man|deep|
fast beat|industrial|hard|harp|no flute|jungle|pop|lute|female vocal|oboe|mellow|orchestral|viola|
light|echo|piano|celtic|male vocals|orchestra|eastern|old|flutes|punk|spanish|sad|sax|slow|male|
blues|vocal|indian|no singer|scary|india|woman|woman singing|rock|dance|piano solo|guitars|no drums|
jazzy|singing|cello|calm|female vocals|voices|different|techno|clapping|house|monks|flute|not opera|
not english|oriental|beat|upbeat|soft|noise|choir|female singer|rap|metal|hip hop|quick|water|
baroque|women|fiddle|english]]

--- The 50 that are learnt, by falling frequency in the real set.
table_of.top = split [[
guitar|classical|slow|techno|strings|drums|electronic|rock|fast|piano|ambient|beat|violin|vocal|
synth|female|indian|opera|male|singing|vocals|no vocals|harpsichord|loud|quiet|flute|woman|
male vocal|no vocal|pop|soft|sitar|solo|man|classic|choir|voice|new age|dance|male voice|
female vocal|beats|harp|cello|no voice|weird|country|metal|female voice|choral]]

--- How likely a listener writes a tag that is true: plain words often, synonyms less.
table_of.keep = {
  guitar = 0.9, classical = 0.85, slow = 0.7, techno = 0.85, strings = 0.8, drums = 0.75,
  electronic = 0.75, rock = 0.9, fast = 0.65, piano = 0.92, ambient = 0.75, beat = 0.5,
  violin = 0.8, vocal = 0.5, synth = 0.6, female = 0.65, indian = 0.85, opera = 0.85, male = 0.65,
  singing = 0.5, vocals = 0.45, harpsichord = 0.85, loud = 0.5, quiet = 0.6, flute = 0.9,
  woman = 0.5, pop = 0.7, soft = 0.5, sitar = 0.9, solo = 0.6, man = 0.45, classic = 0.4,
  choir = 0.85, voice = 0.4, dance = 0.6, beats = 0.4, harp = 0.9, cello = 0.85, weird = 0.7,
  country = 0.85, metal = 0.9, choral = 0.6, ["no vocals"] = 0.35, ["no vocal"] = 0.3,
  ["no voice"] = 0.3, ["male vocal"] = 0.5, ["male voice"] = 0.4, ["female vocal"] = 0.5,
  ["female voice"] = 0.4, ["new age"] = 0.7,
}

return table_of
