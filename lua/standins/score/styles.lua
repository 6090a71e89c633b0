--- The styles: tempo range, harmony, grooves or ensemble, how often there is singing, tags,
-- effects. grooves: mma library files; own: an ensemble of ensembles.lua; lead: programs of the
-- solo; swap: families of instruments replaced by others; vocal: chance of singing; voice: sing,
-- rap, choir or opera.
local styles = {}

-- "casio: a b; stdlib: c" -> { "casio/a", "casio/b", "stdlib/c" }
local function files(text)
  local list = {}
  for library, names in text:gmatch("(%w+): ([^;]+)") do
    for name in names:gmatch("%S+") do list[#list + 1] = library .. "/" .. name end
  end
  return list
end

local function words(text)
  local list = {}
  for word in text:gmatch("[^,]+") do list[#list + 1] = word end
  return list
end

local function style(name, s)
  s.name = name
  s.grooves = s.grooves and files(s.grooves)
  s.tags = words(s.tags or "")
  s.progressions = words(s.progressions)
  s.vocal = s.vocal or 0
  s.voice = s.voice or "sing"
  styles[name] = s
end

style("rock", {
  grooves = "stdlib: 60srock basicrock 8beat rock-128 softrock jazzrock bubblerock; casio: rock2 "
    .. "60srock poprock1 poprock2 digitalrock slowrock shufflerock 8beat1 8beat2; pflib: rock1 "
    .. "slowrock 8beat1 8beat2; kara: K50s_rock; yamaha: w-rock",
  bpm = { 92, 160 }, progressions = "popmaj,popmin,mixo,blues", vocal = 0.75,
  lead = { 27, 29, 30, 28, 16 }, tags = "rock,loud", effect = "drive",
  swap = { acguitar = "elguitar", elguitar = "distguitar" },
})
style("metal", {
  grooves = "casio: heavymetal rock2 digitalrock; pflib: metal1 metal2 rock1",
  bpm = { 130, 196 }, progressions = "metal,popmin", vocal = 0.6, lead = { 30, 29 },
  tags = "metal,rock,loud", effect = "drive2",
  swap = { acguitar = "distguitar", elguitar = "distguitar", piano = "distguitar",
    organ = "distguitar", strings = "distguitar", epiano = "distguitar" },
})
style("pop", {
  grooves = "casio: pop 80spop 60spop popballad 8beatpop1 8beatpop2 8beatpop3 popshuffle1 "
    .. "popshuffle2 soulpop worldpop oldieballad 8beatballad2 16beatballad1 16beatballad2; stdlib: "
    .. "popballad boneym pianoballad ballad 8beat guitarballad; kara: 8beatmotown happyshuffle; "
    .. "pflib: 16beat1 16beat2",
  bpm = { 76, 132 }, progressions = "popmaj,popmaj,popmin", vocal = 0.88,
  lead = { 0, 4, 48, 26, 65, 80 }, tags = "pop",
})
style("techno", {
  grooves = "casio: techno rave house trance1 dance1 dance2 latinhouse; alexis: teamtechno; "
    .. "stdlib: trance",
  bpm = { 122, 152 }, progressions = "popmin,modal,metal", vocal = 0.3,
  lead = { 80, 81, 82, 84, 87 }, tags = "techno,electronic,dance,beat,beats,synth", effect = "pump",
  swap = { piano = "lead", acbass = "synbass", elbass = "synbass", acguitar = "lead",
    elguitar = "lead", strings = "synstrings", brass = "synbrass", epiano = "pad" },
})
style("dance", {
  grooves = "casio: dancepop1 dancepop2 dancepop3 8beatdance electricpop discosoul 16beat1 16beat2 "
    .. "16beat3 8beat3; stdlib: boneym",
  bpm = { 108, 138 }, progressions = "popmaj,popmin", vocal = 0.6, lead = { 80, 81, 62, 4 },
  tags = "dance,electronic,beat,synth,pop", effect = "pump",
  swap = { acbass = "synbass", elbass = "synbass", strings = "synstrings" },
})
style("chill", {
  grooves = "casio: ambient1 ambient2 triphop slow16beat 16beatballad3; alexis: hiphop",
  bpm = { 62, 98 }, progressions = "popmin,modal,jazz", vocal = 0.35, lead = { 88, 4, 11, 81, 77 },
  tags = "electronic,ambient,beats,synth", effect = "wash",
  swap = { acbass = "synbass", strings = "pad", piano = "epiano" },
})
style("hiphop", {
  grooves = "casio: hip-hop triphop; alexis: hiphop; casio: funk1 slow16beat",
  bpm = { 76, 104 }, progressions = "popmin,modal", vocal = 0.92, voice = "rap",
  lead = { 4, 48, 81, 11 }, tags = "beat,beats,electronic",
  swap = { acbass = "synbass", elbass = "synbass" },
})
style("soul", {
  grooves = "casio: soul 60ssoul r+b mellowrb modernrb discosoul funk1 funk2 soulpop; "
    .. "stdlib: rb rb-ballad dsoul bvfunk; kara: Kfunk1 8beatmotown",
  bpm = { 72, 118 }, progressions = "popmaj,jazz,modal,popmin", vocal = 0.85,
  lead = { 65, 66, 4, 56 }, tags = "beat",
})
style("country", {
  grooves = "stdlib: slowcountry countryswing countrywaltz bluegrass hillcountry westernswing "
    .. "countryblues; yamaha: western jazzcountry; kara: kwestballad",
  bpm = { 82, 150 }, progressions = "country,popmaj", vocal = 0.7, lead = { 105, 110, 25, 22, 26 },
  tags = "country",
})
style("folk", {
  grooves = "stdlib: folk folkballad bluefolk folkyjazz guitarballad lullaby folkrock; casio: "
    .. "8beatballad1 serenade",
  bpm = { 72, 128 }, progressions = "popmaj,mixo,modal", vocal = 0.72,
  lead = { 25, 73, 74, 110, 22 }, tags = "guitar,soft", effect = "lofi",
})
style("folkgtr", {
  own = "guitar", bpm = { 66, 126 }, progressions = "popmaj,mixo,modal,popmin", vocal = 0.65,
  tags = "guitar,soft", effect = "lofi",
})
style("blues", {
  grooves = "stdlib: blues blues128 slowblues countryblues fastblues boggiewoggie shuffleboggie "
    .. "blues68; casio: blues shuffleboogie",
  bpm = { 66, 136 }, progressions = "blues", vocal = 0.5, lead = { 22, 26, 27, 66, 0 },
  tags = "guitar",
})
style("jazz", {
  grooves = "stdlib: bebop jazzcombo jazzguitar jazzwaltz modernjazz mellowjazz nitejazz swing "
    .. "slowjazz easyswing evansish jazz-54 bigband fastjazzwaltz; casio: jazzcombo fastbigband "
    .. "middlebigband swing; yamaha: jazzGrtrio jazzbasie jazzbouncy jazzswing jazztrio jazzwaltz",
  bpm = { 84, 196 }, progressions = "jazz,jazz,jazzmin", vocal = 0.25,
  lead = { 65, 66, 56, 0, 26, 11, 71 },
})
style("oldtime", {
  grooves = "stdlib: dixie ragtime charleston foxtrot broadway softshoe strut dixiemarch march "
    .. "quickstep; casio: foxtrot march1",
  bpm = { 104, 190 }, progressions = "country,jazz,popmaj", vocal = 0.35,
  lead = { 71, 56, 57, 3, 105, 40 }, effect = "old",
})
style("easy", {
  grooves = "stdlib: beguine rhumba bossanova slowbolero lighttango easyswing showtune "
    .. "stringballad slowbroadway bolero hymn waltz; casio: slowswing popballad; kara: kbossa",
  bpm = { 72, 122 }, progressions = "jazz,popmaj", vocal = 0.3, lead = { 48, 73, 65, 0, 24, 11 },
  tags = "soft",
})
style("latin", {
  grooves = "stdlib: salsa samba merengue mambo chacha calypso afro-cuban son tango cubanguitar "
    .. "ska; yamaha: salsa1 salsa2 mambo quando-g.s280; casio: latinfusion",
  bpm = { 96, 190 }, progressions = "latin,popmaj,modal", vocal = 0.4,
  lead = { 56, 73, 21, 24, 12 }, tags = "fast",
})
style("polka", {
  grooves = "stdlib: polka zydeco frenchwaltz; casio: polka polkafox poppolka",
  bpm = { 104, 180 }, progressions = "country,classmaj", vocal = 0.2, lead = { 21, 71, 40 },
})
style("baroque", { own = "baroque", bpm = { 66, 138 }, progressions = "classmaj,classmin",
  tags = "classical,classic" })
style("orchestra", {
  own = "strings", bpm = { 56, 132 }, progressions = "classmaj,classmin",
  tags = "classical,classic",
})
style("pianosolo", {
  own = "piano", bpm = { 54, 144 }, progressions = "classmaj,classmin,popmin",
  tags = "classical,classic",
})
style("guitarsolo", {
  own = "guitar", bpm = { 60, 132 }, progressions = "classmin,classmaj,latin",
  tags = "classical,guitar",
})
style("fluteharp", {
  own = "fluteharp", bpm = { 58, 116 }, progressions = "classmaj,classmin", tags = "classical,soft",
})
style("solostrings", {
  own = "solostrings", bpm = { 52, 126 }, progressions = "classmin,classmaj",
  tags = "classical,classic",
})
style("choir", {
  own = "choir", bpm = { 50, 92 }, progressions = "classmaj,classmin,modal", vocal = 0.6,
  voice = "choir", tags = "classical,choir,choral", effect = "wash",
})
style("opera", {
  own = "opera", bpm = { 54, 112 }, progressions = "classmaj,classmin", vocal = 1, voice = "opera",
  tags = "classical,opera,classic",
})
style("indian", {
  own = "indian", bpm = { 64, 136 }, progressions = "drone", vocal = 0.5, beats = { 4, 4, 3 },
  tags = "indian,sitar",
})
style("ambient", {
  own = "ambient", bpm = { 50, 84 }, progressions = "modal,popmin,drone,popmaj", vocal = 0.15,
  beats = { 4 }, tags = "ambient,slow,electronic,synth", effect = "wash",
})
style("newage", {
  own = "newage", bpm = { 58, 98 }, progressions = "popmaj,modal,popmin", vocal = 0.3,
  beats = { 4, 3 }, tags = "new age,soft,ambient", effect = "wash",
})
style("koto", { own = "koto", bpm = { 62, 124 }, progressions = "popmin,modal,drone", vocal = 0.2 })
style("weird", {
  own = "weird", bpm = { 54, 150 }, progressions = "modal", vocal = 0.15, tags = "weird",
  effect = "weird",
})
style("spoken", { own = "weird", bpm = { 80, 90 }, progressions = "modal", spoken = true })

return styles
