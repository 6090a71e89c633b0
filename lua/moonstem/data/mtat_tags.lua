--- The 50 most frequent raw tags of MagnaTagATune in the column order of the released label
-- matrices (recipes/paper.md#magnatagatune): { name, positives in the validation split, positives
-- in the test split } of the real set.
return {
  { "guitar", 507, 875 }, { "classical", 271, 699 }, { "slow", 249, 806 }, { "techno", 252, 598 },
  { "strings", 245, 394 }, { "drums", 190, 516 }, { "electronic", 186, 496 }, { "rock", 236, 564 },
  { "fast", 195, 495 }, { "piano", 98, 467 }, { "ambient", 108, 508 }, { "beat", 170, 344 },
  { "violin", 149, 231 }, { "vocal", 80, 435 }, { "synth", 114, 330 }, { "female", 43, 381 },
  { "indian", 150, 174 }, { "opera", 50, 373 }, { "male", 102, 264 }, { "singing", 61, 295 },
  { "vocals", 70, 282 }, { "no vocals", 81, 245 }, { "harpsichord", 41, 189 }, { "loud", 75, 273 },
  { "quiet", 54, 248 }, { "flute", 46, 162 }, { "woman", 32, 251 }, { "male vocal", 94, 166 },
  { "no vocal", 77, 192 }, { "pop", 55, 196 }, { "soft", 49, 249 }, { "sitar", 154, 102 },
  { "solo", 71, 159 }, { "man", 61, 135 }, { "classic", 40, 110 }, { "choir", 10, 188 },
  { "voice", 50, 142 }, { "new age", 32, 148 }, { "dance", 62, 153 }, { "male voice", 46, 122 },
  { "female vocal", 14, 160 }, { "beats", 45, 142 }, { "harp", 64, 141 }, { "cello", 64, 20 },
  { "no voice", 43, 116 }, { "weird", 43, 131 }, { "country", 56, 67 }, { "female voice", 16, 119 },
  { "metal", 54, 165 }, { "choral", 3, 131 },
}
