# bash completion for ohmgrid
_ohmgrid()
{
  local cur=${COMP_WORDS[COMP_CWORD]} array="--conductances --voltages-in --r-word --r-bit --r-source --r-sense --drive --sense"
  local words
  if [ "$COMP_CWORD" = 1 ]; then
    words="solve reduce netlist check run device cosim train --help --version"
  else
    case ${COMP_WORDS[1]} in
      solve) words="$array --output --voltages --cell --engine --rtol --json" ;;
      reduce) words="$array --output --admittance --json" ;;
      netlist) words="$array --output --input" ;;
      check) words="$array --tol --timeout --json" ;;
      run) words="--output --set --trials --threads --resume --cache --no-cache --keys --json" ;;
      device) words="list show bench" ;;
    esac
    words="$words --help"
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  [ "${#COMPREPLY[@]}" -gt 0 ] || COMPREPLY=($(compgen -f -- "$cur"))
}
complete -o filenames -F _ohmgrid ohmgrid
