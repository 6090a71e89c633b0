# Debian 12 packages: what building, running, rendering the stand-in corpora, checking notebooks and testing need. To be sourced.

build_packages="gcc cmake make pkg-config libc6-dev liblua5.4-dev libsndfile1-dev libmpg123-dev libvorbis-dev
  libopusfile-dev libsoxr-dev libjansson-dev libpng-dev libreadline-dev libfftw3-dev libopenblas-pthread-dev
  libaubio-dev libebur128-dev librubberband-dev libchromaprint-dev libopenmpt-dev"
run_packages="lua-lpeg lua-argparse ffmpeg librsvg2-bin libaubio5 libebur128-1 librubberband2 libchromaprint1
  libzmq5 libopenmpt0"
corpora_packages="mma fluidsynth timgm6mb-soundfont festival festvox-kallpc16k festvox-kdlpc16k festvox-italp16k
  festvox-itapc16k festvox-suopuhe-lj festvox-suopuhe-mv espeak-ng"
notebook_packages="python3-nbformat python3-jupyter-client jupyter-nbconvert"
test_packages="lua-unit lua-check lua-ldoc sox chafa"

# Names of those packages in "$@" that are not installed.
missing_packages() {
  for package in "$@"; do
    dpkg-query -W -f '${Status}\n' "$package" 2>/dev/null | grep -q '^install ok installed$' || echo "$package"
  done
}

# Installs what is missing of "$@", as root or through sudo.
install_packages() {
  missing=$(missing_packages "$@")
  [ -z "$missing" ] && return 0
  echo "installing:" $missing
  if [ "$(id -u)" = 0 ]; then as_root=env; else as_root=sudo; fi
  command -v "$as_root" >/dev/null || {
    echo "these packages are missing, and there is no sudo to install them:" $missing >&2
    return 1
  }
  $as_root apt-get update -qq &&
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
}
