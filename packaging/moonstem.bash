# Completion of moonstem's commands, options and their choices for bash: `source` this file.
_moonstem() {
  local word
  COMPREPLY=()
  while IFS= read -r word; do
    if [ "$word" = ":files" ]; then
      compopt -o default
    else
      COMPREPLY+=("$word")
    fi
  done < <("$1" --complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _moonstem moonstem
