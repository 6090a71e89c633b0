--- Debian packages that rendering stand-in corpora needs, for `apt-get install --no-install-recommends`.
return {
  "mma", "fluidsynth", "timgm6mb-soundfont", "festival", "festvox-kallpc16k", "festvox-kdlpc16k", "festvox-italp16k",
  "festvox-itapc16k", "festvox-suopuhe-lj", "festvox-suopuhe-mv", "espeak-ng",
}
