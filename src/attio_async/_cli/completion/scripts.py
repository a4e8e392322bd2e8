"""The scripts with which shells ask for completion."""

from enum import StrEnum

_BASH = r"""
_attio_async_complete() {
    local line answer
    COMPREPLY=()
    answer=$("$1" __complete bash "${COMP_LINE:0:COMP_POINT}" "$2" 2>/dev/null)
    if [ $? -eq 3 ]; then
        compopt -o default 2>/dev/null
        return
    fi
    while IFS= read -r line; do
        [ -n "$line" ] && COMPREPLY+=("$line")
    done <<< "$answer"
    if [ ${#COMPREPLY[@]} -eq 1 ] && [[ ${COMPREPLY[0]} == *[=/] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}
complete -F _attio_async_complete attio-async
"""

_ZSH = r"""
#compdef attio-async

_attio_async_complete() {
    local answer line
    local -a texts open shown open_shown
    answer=$("${words[1]}" __complete zsh "$LBUFFER" 2>/dev/null)
    if [[ $? -eq 3 ]]; then
        compset -P '--*='
        _files
        return
    fi
    for line in "${(@f)answer}"; do
        [[ -z $line ]] && continue
        if [[ ${line%%$'\t'*} == *[=/] ]]; then
            open+=("${line%%$'\t'*}")
            open_shown+=("${line/$'\t'/  }")
        else
            texts+=("${line%%$'\t'*}")
            shown+=("${line/$'\t'/  }")
        fi
    done
    (( ${#texts} )) && compadd -l -d shown -a texts
    (( ${#open} )) && compadd -l -S '' -d open_shown -a open
}

compdef _attio_async_complete attio-async
"""

_FISH = r"""
function __attio_async_complete
    set -l command (commandline -opc)[1]
    set -l answer ($command __complete fish (commandline -cp | string collect) 2>/dev/null)
    if test $status -eq 3
        __fish_complete_path (commandline -ct)
        return
    end
    string join -- \n $answer
end
complete -c attio-async -f -k -a '(__attio_async_complete)'
"""

_POWERSHELL = r"""
Register-ArgumentCompleter -Native -CommandName attio-async -ScriptBlock {
    param($word, $ast, $position)
    $line = $ast.ToString().PadRight($position).Substring(0, $position)
    attio-async __complete powershell $line 2>$null | ForEach-Object {
        $text, $help = $_ -split "`t", 2
        $written = if ($text -match "[\s'`"$;|&(){}]") { "'" + ($text -replace "'", "''") + "'" } else { $text }
        $shown = if ($help) { $help } else { $text }
        [System.Management.Automation.CompletionResult]::new($written, $text, 'ParameterValue', $shown)
    }
}
"""


class Shell(StrEnum):
    """The shells that can complete commands."""

    bash = "bash"
    zsh = "zsh"
    fish = "fish"
    powershell = "powershell"


def script(shell: Shell) -> str:
    """Return the script that has a shell complete the commands, options and names."""
    scripts = {Shell.bash: _BASH, Shell.zsh: _ZSH, Shell.fish: _FISH, Shell.powershell: _POWERSHELL}
    return scripts[shell].strip()
