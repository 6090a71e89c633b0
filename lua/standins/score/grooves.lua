--- Grooves of mma 21.09 by library file, surveyed once with `mma -Djs FILE` and `Print BEATS
-- $_Time`. A line: the file, then "QUARTERS: groove ..." for the main patterns by the length of a
-- bar, then "fill: groove ...". Intros, endings, breaks and metronomes are left out. Indented lines
-- go on.
local text = [[
alexis/hiphop 4: HipHop HipHopSus HipHopPlus1 HipHopSusPlus1 HipHopPlus2 HipHopSusPlus2
  HipHopPlusPlus HipHopSusPlusPlus
alexis/teamtechno 4: TeamTechno TeamTechnoSus
casio/16beat1 4: 16Beat1
casio/16beat2 4: 16Beat2
casio/16beat3 4: 16Beat3
casio/16beatballad1 4: 16BeatBallad1
casio/16beatballad2 4: 16BeatBallad2
casio/16beatballad3 4: 16BeatBallad3
casio/60spop 4: 60sPop
casio/60srock 4: 60sRock
casio/60ssoul 4: 60sSoul
casio/80spop 4: 80sPop
casio/8beat1 4: 8Beat1
casio/8beat2 4: 8Beat2
casio/8beat3 4: 8Beat3
casio/8beatballad1 4: 8BeatBallad1
casio/8beatballad2 4: 8BeatBallad2
casio/8beatdance 4: 8BeatDance
casio/8beatpop1 4: 8BeatPop1
casio/8beatpop2 4: 8BeatPop2
casio/8beatpop3 4: 8BeatPop3
casio/ambient1 4: Ambient1
casio/ambient2 4: Ambient2
casio/blues 4: Blues
casio/dance1 4: Dance1
casio/dance2 4: Dance2
casio/dancepop1 4: DancePop1
casio/dancepop2 4: DancePop2
casio/dancepop3 4: DancePop3
casio/digitalrock 4: DigitalRock
casio/discosoul 4: DiscoSoul
casio/electricpop 4: ElectricPop
casio/fastbigband 4: FastBigBand
casio/foxtrot 4: Foxtrot
casio/funk1 4: Funk1
casio/funk2 4: Funk2
casio/heavymetal 4: HeavyMetal
casio/hip-hop 4: Hip-Hop
casio/house 4: House
casio/jazzcombo 4: JazzCombo
casio/latinfusion 4: LatinFusion
casio/latinhouse 4: LatinHouse
casio/march1 4: March1
casio/mellowrb 4: MellowRB
casio/middlebigband 4: MiddleBigBand
casio/modernrb 4: ModernR&B
casio/oldieballad 4: OldieBallad
casio/polka 4: Polka
casio/polkafox 4: PolkaFox
casio/pop 4: Pop
casio/popballad 4: PopBallad
casio/poppolka 4: PopPolka
casio/poprock1 4: PopRock1
casio/poprock2 4: PopRock2
casio/popshuffle1 4: PopShuffle1
casio/popshuffle2 4: PopShuffle2
casio/r+b 4: R&B
casio/rave 4: Rave
casio/rock2 4: Rock2
casio/serenade 4: Serenade
casio/shuffleboogie 4: ShuffleBoogie
casio/shufflerock 4: ShuffleRock
casio/slow16beat 4: Slow16Beat
casio/slowrock 4: SlowRock
casio/slowswing 4: SlowSwing
casio/soul 4: Soul
casio/soulpop 4: SoulPop
casio/swing 4: Swing
casio/techno 4: Techno
casio/trance1 4: Trance1
casio/triphop 4: TripHop
casio/worldpop 4: WorldPop
kara/8beatmotown 4: 8beatmotownA 8beatmotownB 8beatmotownC 8beatmotownD fill: 8beatmotownFillA
  8beatmotownFillB 8beatmotownFillC 8beatmotownFillD 8beatmotownFillBA
kara/happyshuffle 4: HappyshuffleA HappyshuffleB HappyshuffleC HappyshuffleD fill: HappyshuffleFillA
  HappyshuffleFillB HappyshuffleFillC HappyshuffleFillD HappyshuffleFillB
kara/K50s_rock 4: 50s_RockA 50s_RockB 50s_RockC 50s_RockD fill: 50s_RockFillAA 50s_RockFillBB
  50s_RockFillBA 50s_RockFillCC 50s_RockFillDD
kara/kbossa 4: kbossaA kbossaB kbossaC fill: kbossaFillA kbossaFillAB kbossaFillC kbossaFillB
  kbossaFillC
kara/Kfunk1 4: Kfunk1A Kfunk1B fill: Kfunk1FillAA Kfunk1FillAB Kfunk1FillBA Kfunk1FillBB
kara/kwestballad 4: kwestballadA kwestballadB kwestballadC kwestballadD fill: kwestballadFillA
  kwestballadFillB kwestballadFillAB kwestballadFillB kwestballadFillC
pflib/16beat1 4: 16beat1A 16beat1B
pflib/16beat2 4: 16beat2A 16beat2B
pflib/8beat1 4: 8beat1A 8beat1B
pflib/8beat2 4: 8beat2A 8beat2B
pflib/metal1 4: metal1A metal1B
pflib/metal2 4: metal2A metal2B
pflib/rock1 4: rock1A rock1B
pflib/slowrock 4: slowrockA slowrockB
stdlib/60srock 4: 60sRock 60sRock1 60sRockSus 60sRock1Sus 60sRockPlus 60sRock1Plus 60sRockSusPlus
  60sRock1SusPlus
stdlib/8beat 4: 8Beat 8BeatSus 8Beat1 8Beat1Sus 8BeatWalk 8BeatWalkSus 8BeatPlus 8BeatSusPlus
  8Beat1Plus 8BeatWalkPlus 8Beat1SusPlus 8BeatWalkSusPlus fill: 8BeatFill
stdlib/afro-cuban 3: Afro-Cuban Afro-CubanSus Afro-CubanPlus Afro-CubanSusPlus fill: Afro-CubanFill
stdlib/ballad 4: Ballad BalladSus Ballad1 Ballad1Sus BalladPlus BalladSusPlus Ballad1Plus
  Ballad1SusPlus fill: BalladFill
stdlib/basicrock 4: BasicRock BasicRockSus BasicRock4 BasicRock4Sus
stdlib/bebop 4: Bebop BebopPlus BebopSus BebopSusPlus
stdlib/beguine 4: Beguine BeguineSus Beguine1 Beguine1Sus fill: BeguineFill
stdlib/bigband 4: BigBand BigBandSus BigBandPlus BigBandSusPlus BigBand1 BigBand1Sus BigBand1Plus
  BigBand1SusPlus BigBand8 BigBand8Sus fill: BigBandFill BigBand1Fill
stdlib/bluefolk 4: BlueFolk BlueFolk2 BlueFolkPlus BlueFolk2Plus BlueFolkSus BlueFolk2Sus
  BlueFolkSusPlus BlueFolk2SusPlus
stdlib/bluegrass 4: BlueGrass BlueGrassClap BlueGrassBottle BlueGrassBottleClap BlueGrassSus
  BlueGrassSusClap
stdlib/blues 4: Blues BluesTriple BluesSus BluesTripleSus BluesTripleL BluesTripleLSus BluesTripleR
  BluesTripleRSus Blues1 Blues1Sus
stdlib/blues128 4: Blues128 Blues128Plus Blues128Sus Blues128SusPlus
stdlib/blues68 6: Blues68 Blues68Plus Blues68Walk Blues68WalkPlus
stdlib/boggiewoggie 4: BoggieWoggie BoggieWoggie1 BoggieWoggie2 BoggieWoggie3 BoggieWoggieSus
  BoggieWoggie1Sus BoggieWoggie2Sus BoggieWoggie3Sus
stdlib/bolero 4: Bolero BoleroSus BoleroAlt BoleroAltSus Bolero1 Bolero1Sus fill: BoleroFill
  BoleroSusFill BoleroAltFill BoleroAltSusFill Bolero1Fill Bolero1SusFill
stdlib/boneym 4: BoneyM BoneyMPlus BoneyMSus BoneyMSusPlus fill: BoneyMFill
stdlib/bossanova 4: BossaNova BossaNovaSus BossaNova1Sus BossaNova2Sus BossaNova3Sus BossaNovaPlus
  BossaNovaSusPlus BossaNova1SusPlus BossaNova2SusPlus BossaNova3SusPlus fill: BossaNovaFill
stdlib/broadway 4: Broadway Broadway1 BroadwaySus Broadway1Sus Broadway2 Broadway2Sus fill:
  BroadwayFill
stdlib/bubblerock 4: BubbleRock BubbleRockSus BubbleRockPlus BubbleRockSusPlus fill: BubbleRockFill
stdlib/bvfunk 4: BVFunk BVFunkSus BVFunkHorns
stdlib/calypso 4: Calypso CalypsoSus Calypso1 Calypso1Sus CalypsoPlus CalypsoSusPlus Calypso1Plus
  Calypso1SusPlus
stdlib/chacha 4: ChaCha ChaCha1 ChaChaSus ChaCha1Sus fill: ChaChaFill ChaCha1Fill
stdlib/charleston 4: Charleston Charleston1 Charleston2 CharlestonWalk Charleston1Walk
  Charleston2Walk CharlestonSus Charleston1Sus Charleston2Sus CharlestonWalkSus Charleston1WalkSus
  Charleston2WalkSus CharlestonPlus Charleston1Plus Charleston2Plus CharlestonWalkPlus
  Charleston1WalkPlus Charleston2WalkPlus CharlestonSusPlus Charleston1SusPlus Charleston2SusPlus
  CharlestonWalkSusPlus Charleston1WalkSusPlus Charleston2WalkSusPlus
stdlib/countryblues 4: CountryBlues CountryBluesSus CountryBluesWalk CountryBluesWalkSus
  CountryBlues1 CountryBlues1Sus CountryBlues1Walk CountryBlues1WalkSus fill: CountryBluesFill
  CountryBluesWalkFill CountryBlues1Fill CountryBlues1WalkFill
stdlib/countryswing 4: CountrySwing CountrySwingSus CountrySwing1 CountrySwing1Sus CountrySwing2
  CountrySwing2Sus
stdlib/countrywaltz 3: CountryWaltz CountryWaltzSus CountryWaltz1 CountryWaltz1Sus CountryWaltz2
  CountryWaltz2Sus CountryWaltzWalk CountryWaltzWalkSus CountryWaltz1Walk Countrywaltz2Walk
  CountryWaltz1SusWalk CountryWaltz2SusWalk
stdlib/cubanguitar 4: CubanGuitar CubanGuitarSus CubanGuitarPlus CubanGuitarSusPlus
stdlib/dixie 4: Dixie Dixie1 Dixie2 Dixie3 Dixie4 DixieStrum Dixie4Strum DixieSus Dixie1Sus
  Dixie2Sus Dixie3Sus Dixie4Sus DixieStrumSus
stdlib/dixiemarch 4: DixieMarch DixieMarchPlus DixieMarchSus DixieMarchSusPlus
stdlib/dsoul 4: DSoul DSoulPlus DSoulSus DSoulSusPlus fill: DSoulFill
stdlib/easyswing 4: EasySwing EasySwingSus EasySwingWalk EasySwingWalkSus EasySwing1 EasySwing1Sus
  EasySwing2 EasySwing2Sus EasySwing42 EasySwing42Sus EasySwing42Walk EasySwing42WalkSus fill:
  EasySwingFill EasySwingWalkFill EasySwing1Fill EasySwing2Fill EasySwing42Fill EasySwing42WalkFill
stdlib/evansish 4: Evansish EvansishPlus EvansishSus EvansishSusPlus Evansish1 Evansish1Plus
  Evansish1Sus Evansish1SusPlus fill: EvansishFill
stdlib/fastblues 4: FastBlues FastBluesSus FastBluesWalk FastBluesWalkSus FastBlues1 FastBlues1Sus
stdlib/fastjazzwaltz 3: FastJazzWaltz FastJazzWaltzSus FastJazzWaltz1 FastJazzWaltz1Sus
  FastJazzWaltz2 FastJazzWaltz2Sus fill: FastJazzWaltzFill
stdlib/folk 4: Folk FolkWalk FolkArticulated FolkSus FolkArticulatedSus
stdlib/folkballad 4: FolkBallad FolkBallad1 FolkBalladPlus FolkBallad1Plus FolkBalladSus
  FolkBalladSusPlus FolkBallad1Sus FolkBallad1SusPlus
stdlib/folkrock 4: FolkRock FolkRockPlus FolkRockSus FolkRockSusPlus fill: FolkRockFill
stdlib/folkyjazz 4: FolkyJazzGuitar FolkyJazzGuitarPlus FolkyJazzGuitarSus FolkyJazzGuitarSusPlus
  FolkyJazzPiano FolkyJazzPianoPlus FolkyJazzPianoSus FolkyJazzPianoSusPlus
stdlib/foxtrot 4: Foxtrot FoxtrotSus FoxTrotPlus FoxTrotSusPlus Foxtrot1 FoxTrot1Sus FoxTrot1Plus
  FoxTrot1SusPlus fill: FoxtrotFill
stdlib/frenchwaltz 3: FrenchWaltz FrenchWaltzSus FrenchWaltz1 FrenchWaltz1Sus FrenchWaltz2
  FrenchWaltz2Sus FrenchWaltz3 FrenchWaltz3Sus fill: FrenchWaltz1Fill FrenchWaltz1FillSus
  FrenchWaltz2Fill FrenchWaltz2FillSus FrenchWaltz3Fill FrenchWaltz3FillSus
stdlib/guitarballad 4: GuitarBallad GuitarBallad1 GuitarBalladSus GuitarBallad1Sus
stdlib/hillcountry 4: HillCountry HillCountryPlus HillCountrySus HillCountrySusPlus fill:
  HillCountryFill
stdlib/hymn 4: Hymn HymnRoot HymnWalk HymnRootWalk HymnPlus HymnWalkPlus HymnRootPlus
  HymnRootWalkPlus
stdlib/jazz-54 5: Jazz54 Jazz54Walk Jazz54Sus Jazz54WalkSus
stdlib/jazzcombo 4: JazzCombo JazzCombo1 JazzCombo2 JazzComboSus JazzCombo1Sus JazzCombo2Sus
  JazzComboPlus JazzCombo1Plus JazzCombo2Plus JazzComboSusPlus JazzCombo1SusPlus JazzCombo2SusPlus
stdlib/jazzguitar 4: JazzGuitar JazzGuitarWalk JazzGuitar1 JazzGuitar1Walk JazzGuitar2
  JazzGuitar2Walk JazzGuitar3 JazzGuitar3Walk JazzGuitarSus JazzGuitar1Sus JazzGuitar2Sus
  JazzGuitar3Sus JazzGuitarWalkSus JazzGuitar1WalkSus JazzGuitar2WalkSus JazzGuitar3WalkSus
  JazzGuitarPlus JazzGuitarWalkPlus JazzGuitar2Plus JazzGuitar2WalkPlus JazzGuitarSusPlus
  JazzGuitarWalkSusPlus JazzGuitar2WalkSusPlus fill: JazzGuitarFill JazzGuitarFill1
stdlib/jazzrock 4: JazzRock JazzRockSus JazzRockWalk JazzRockWalkSus JazzRockPlus JazzRockSusPlus
  JazzRockWalkPlus JazzRockWalkSusPlus fill: JazzRockFill
stdlib/jazzwaltz 3: JazzWaltz JazzWaltzSus JazzWaltz1 JazzWaltz1Sus JazzWaltz2 JazzWaltz2Sus fill:
  JazzWaltzFill
stdlib/lighttango 4: LightTango LightTangoSus LightTango1 LightTango1Sus fill: LightTangoFill
stdlib/lullaby 4: Lullaby Lullaby1 LullabyWalk LullabySus Lullaby1Sus LullabyWalkSus LullabyPlus
  Lullaby1Plus LullabyWalkPlus LullabySusPlus Lullaby1SusPlus LullabyWalkSusPlus
stdlib/mambo 4: Mambo Mambo1 Mambo2 Mambo3 MamboSus Mambo1Sus Mambo2Sus Mambo3Sus
stdlib/march 4: March March1 March1Slow March2 March3 March4
stdlib/mellowjazz 4: MellowJazz MellowJazzPlus MellowJazzSus MellowJazzSusPlus fill: MellowJazzFill
stdlib/merengue 4: Merengue Merengue1 Merengue2 MerengueSus Merengue1Sus Merengue2Sus
stdlib/modernjazz 4: ModernJazz ModernJazz1 ModernJazzSus ModernJazz1Sus ModernJazz2 ModernJazz2Sus
  fill: ModernJazzFill
stdlib/nitejazz 4: NiteJazz NiteJazzSus NiteJazzPlus NiteJazzSusPlus
stdlib/pianoballad 4: PianoBallad PianoBallad1 PianoBalladSus PianoBallad1Sus PianoBallad2
  PianoBallad2Sus fill: PianoBalladFill
stdlib/polka 4: Polka PolkaSus PolkaArp PolkaSusArp Polka1 Polka1Sus Polka1Arp Polka1SusArp
stdlib/popballad 4: PopBallad PopBallad1 PopBallad2 PopBalladPlus PopBallad1Plus PopBallad2Plus
  PopBalladSus PopBallad2Sus PopBalladSusPlus PopBallad2SusPlus PopBallad2Plus
stdlib/quickstep 4: QuickStep QuickStepHit QuickStepSus QuickStepHitSus QuickStepDuh QuickStepDuhSus
  QuickStepWalk QuickStepHitWalk QuickStepSusWalk QuickStepHitSusWalk QuickStepDuhWalk
  QuickStepDuhSusWalk
stdlib/ragtime 4: RagTime RagtimePlus RagtimeSus RagtimeSusPlus
stdlib/rb 4: R&B R&BSus R&BPlus R&BSusPlus fill: R&BFill
stdlib/rb-ballad 4: R&B-Ballad R&B-BalladSus R&B-BalladPlus R&B-BalladSusPlus fill: R&B-BalladFill
  R&B-BalladFill
stdlib/rhumba 4: Rhumba RhumbaSus RhumbaTriple RhumbaTripleSus RhumbaTriple12 RhumbaTriple12Sus
  RhumbaTriple34 RhumbaTriple34Sus Rhumba1 Rhumba1Sus Rhumba2 Rhumba2Sus Rhumba3 Rhumba3Sus
stdlib/rock-128 4: Rock128 Rock128Plain Rock128Sus Rock128PlainSus Rock128Plus Rock128SusPlus
  Rock128PlainPlus Rock128PlainSusPlus
stdlib/salsa 4: Salsa SalsaPlus SalsaSus SalsaSusPlus fill: SalsaFill
stdlib/samba 4: Samba SambaPlus SambaSus SambaSusPlus fill: SambaFill SambaSusFill
stdlib/showtune 4: ShowTune ShowTune1 ShowTune2 ShowTunePlus ShowTune1Plus ShowTune2Plus
stdlib/shuffleboggie 4: ShuffleBoggie ShuffleBoggie1 ShuffleBoggieSus fill: ShuffleBoggieFill
stdlib/ska 4: Ska Ska1 SkaSus Ska1Sus SkaClap
stdlib/slowblues 4: SlowBlues SlowBluesSus SlowBluesWalk4 SlowBluesWalk4Sus SlowBluesWalk8
  SlowBluesWalk8Sus SlowBlues12Triple SlowBlues34Triple SlowBlues4Triple fill: SlowBluesFill
  SlowBluesFill1 SlowBluesFill2 SlowBluesFill3
stdlib/slowbolero 4: SlowBolero SlowBoleroSus SlowBoleroPlus SlowBoleroSusPlus SlowBolero1
  SlowBolero1Sus
stdlib/slowbroadway 4: SlowBroadway SlowBroadway1 SlowBroadwaySus SlowBroadway1Sus
stdlib/slowcountry 4: SlowCountry SlowCountrySus SlowCountryWalk SlowCountryWalkSus SlowCountryPlus
  SlowCountrySusPlus SlowCountryWalkPlus SlowCountryWalkSusPlus fill: SlowCountryFill
  SlowCountryWalkFill SlowCountryFillPlus SlowCountryWalkFillPlus
stdlib/slowjazz 4: SlowJazz SlowJazzSus SlowJazzWalk SlowJazzWalkSus SlowJazzPlus SlowJazzSusPlus
  SlowJazz1 SlowJazz1Sus SlowJazz1Walk SlowJazz1WalkSus SlowJazz1Plus SlowJazz1SusPlus SlowJazz2
  SlowJazz2Sus fill: SlowJazzFill
stdlib/softrock 4: SoftRock SoftRockSus SoftRock1 SoftRock1Sus SoftRock2 SoftRock2Sus fill:
  SoftRockFill
stdlib/softshoe 4: Softshoe SoftShoePlus SoftShoeSus SoftShoeSusPlus
stdlib/son 4: Son SonSus SonPlus SonSusPlus
stdlib/stringballad 4: StringBallad StringBalladVoice StringBalladStrum StringBalladVoiceStrum
  StringBalladPlus StringBalladStrumPlus StringBalladVoicePlus
stdlib/strut 4: Strut StrutSus Strut2 Strut2Sus
stdlib/swing 4: Swing SwingWalk SwingTriple SwingPlus SwingWalkPlus SwingSus SwingPlusSus
  SwingWalkSus SwingWalkPlusSus Swing1 Swing1Walk Swing1Triple Swing1Sus Swing1WalkSus Swing1Plus
  Swing1PlusSus Swing1WalkPlus Swing1WalkPlusSus Swing2 Swing2Triple Swing2Plus Swing2Sus
  Swing2PlusSus fill: SwingFill
stdlib/tango 4: Tango Tango1 TangoClean TangoCleanSus TangoCleanPlus
stdlib/trance 4: Trance Trance1 Trance2 TranceBass1 Trance1Bass1 Trance2Bass1
stdlib/waltz 3: Waltz WaltzSus Waltz1 Waltz1Sus WaltzWalk WaltzWalkSus Waltz1Walk Waltz1WalkSus
stdlib/westernswing 4: WesternSwing WesternSwingSus WesternSwingPlus WesternSwingSusPlus
stdlib/zydeco 4: Zydeco ZydecoPlus ZydecoSus ZydecoSusPlus
yamaha/jazzbasie 4: JazzBasieA JazzBasieB JazzBasieMainC JazzBasieMainD fill: JazzBasieFillAA
  JazzBasieFillBB JazzBasieFillBA JazzBasieFillCC JazzBasieFillDD
yamaha/jazzbouncy 4: JazzBouncyMainA JazzBouncyMainB fill: JazzBouncyFillAA JazzBouncyFillBB
yamaha/jazzcountry 4: JazzCountryMainA JazzCountryMainB fill: JazzCountryFillAA JazzCountryFillBB
yamaha/jazzGrtrio 4: JazzGrTrioMainA JazzGrTrioMainB fill: JazzGrTrioFillAA JazzGrTrioFillAB
  JazzGrTrioFillBB JazzGrTrioFillBA
yamaha/jazzswing 4: JazzSwingMainA JazzSwingMainB fill: JazzSwingFillAA JazzSwingFillBB
yamaha/jazztrio 4: JazzTrioMainA JazzTrioMainB fill: JazzTrioFillAA JazzTrioFillBB
yamaha/jazzwaltz 3: JazzWaltzMainA JazzWaltzMainB fill: JazzWaltzFillAA JazzWaltzFillBB
yamaha/mambo 4: MamboMainA MamboMainB fill: MamboFillAA MamboFillAB MamboFillBA MamboFillBB
yamaha/quando-g.s280 4: QuandoGSMainA QuandoGSMainB QuandoGSMainC QuandoGSMainD fill: QuandoGSFillAA
  QuandoGSFillBB QuandoGSFillBA QuandoGSFillCC QuandoGSFillDD
yamaha/salsa1 4: Salsa1MainA Salsa1MainB fill: Salsa1FillAA Salsa1FillAB Salsa1FillBB Salsa1FillBA
yamaha/salsa2 4: Salsa2MainA Salsa2MainB fill: Salsa2FillAA Salsa2FillAB Salsa2FillBB Salsa2FillBA
yamaha/w-rock 4: W-RockMainA W-RockMainB fill: W-RockFillAB W-RockFillAA W-RockFillBA W-RockFillBB
yamaha/western 4: WesternMainA WesternMainB fill: WesternFillAA WesternFillAB WesternFillBA
  WesternFillBB
]]

-- Words of one file's line into {patterns = {{name=, beats=}, ...}, fills = {name, ...}}.
local function parse(line)
  local groove, kind = { patterns = {}, fills = {} }, nil
  for word in line:gmatch("%S+") do
    local head = word:match("^(%w+):$")
    if head then kind = head
    elseif kind == "fill" then groove.fills[#groove.fills + 1] = word
    else groove.patterns[#groove.patterns + 1] = { name = word, beats = tonumber(kind) } end
  end
  return groove
end

local grooves = {}
for file, line in text:gsub("\n ", " "):gmatch("(%S+) ([^\n]*)\n") do
  grooves[file] = parse(line)
end

return grooves
