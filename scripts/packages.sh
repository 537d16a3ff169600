# Sourced by the scripts: what ohmgrid needs on Debian, and how to get what is missing.
build_packages="build-essential autoconf automake libtool pkg-config libngspice0-dev libsuitesparse-dev
  libopenblas-dev libgsl-dev librandom123-dev check libyaml-dev libjansson-dev zlib1g-dev uthash-dev gnuplot-nox"
data_packages="dataset-fashion-mnist"

# install PACKAGE...: those that are not there yet; through sudo if need be.
install() {
  missing=
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  command -v apt-get >/dev/null || { echo "no apt-get here; please install the like of:$missing" >&2; return 1; }
  as_root=
  [ "$(id -u)" = 0 ] || as_root=sudo
  echo "installing$missing"
  $as_root env DEBIAN_FRONTEND=noninteractive sh -c "
    apt-get update -qq && apt-get install -qq -y --no-install-recommends $missing" >/dev/null </dev/null || {
    echo "could not install$missing" >&2
    return 1
  }
}

# OpenBLAS falls back to its oldest kernels on processors it does not know (0.3.21 on new ones), which doubles the time of
# a study; Haswell's run wherever there is AVX2, and give the same sums there.
if [ -z "${OPENBLAS_CORETYPE:-}" ] && grep -qw avx2 /proc/cpuinfo 2>/dev/null; then
  export OPENBLAS_CORETYPE=Haswell
fi

# build DIR [configure option...]: configure once, then make.
build() {
  dir=$1
  shift
  [ -x configure ] && [ configure -nt configure.ac ] || ./bootstrap >/dev/null 2>&1 || ./bootstrap
  mkdir -p "$dir"
  [ -e "$dir/Makefile" ] || (cd "$dir" && "$OLDPWD/configure" --silent "$@")
  make -C "$dir" --no-print-directory -j"$(nproc)"
}
