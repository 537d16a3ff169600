# bash completion for ohmgrid
_ohmgrid()
{
  local cur=${COMP_WORDS[COMP_CWORD]} array="--conductances --voltages-in --r-word --r-bit --r-source --r-sense --drive --sense"
  array="$array --ends --wiring --metal --word-segments --bit-segments --source-ohms --sense-ohms --bit-volts --bridges"
  local words
  if [ "$COMP_CWORD" = 1 ]; then
    words="solve reduce transient noise netlist check run device calibrate cosim train --help --version"
  else
    case ${COMP_WORDS[1]} in
      solve) words="$array --output --voltages --cell --engine --rtol --json" ;;
      reduce) words="$array --output --admittance --json" ;;
      transient) words="$array --output --c-word --c-bit --c-cell --rise --period --stop --samples --bits --full-scale
        --engine --rtol --json" ;;
      noise) words="$array --output --temperature --bandwidth --shot --json" ;;
      netlist) words="$array --output --input --hierarchical --dialect --cell --subckt --param --tran --step --wave
        --c-word --c-bit --c-cell --noise --noise-input --temperature --tia --tia-gain --tia-hertz" ;;
      check) words="$array --cell --tol --timeout --whole --samples --seed --include-dir --engine --against --plot --raw --json" ;;
      run) words="--output --set --trials --threads --resume --cache --no-cache --keys --json" ;;
      cosim) words="--output --set --resume --keys --json" ;;
      calibrate) words="--json" ;;
      device)
        if [ "${COMP_WORDS[2]}" = new ]; then
          words="--subckt --definition --pins --terminals --output --volt --width --drive --ground --hold --threads --timeout
            --json"
        elif [ "${COMP_WORDS[2]}" = sample ]; then
          words="--output --threads --samples --seed --set --program --chunk --json"
        else
          words="list show bench page new sample --output --full --threads --json"
        fi ;;
    esac
    words="$words --help"
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  [ "${#COMPREPLY[@]}" -gt 0 ] || COMPREPLY=($(compgen -f -- "$cur"))
}
complete -o filenames -F _ohmgrid ohmgrid
