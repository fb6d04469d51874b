#!/usr/bin/env bash
# One command of Fencepost, from the action's inputs; each is a value of its own flag, so that none can be another flag.
set -uo pipefail

refuse() {
  echo "::error::$1"
  exit 1
}

chosen=("--inventory=$INVENTORY" "--playbook=$PLAYBOOK")
[ -z "$LIMIT" ] || chosen+=("--limit=$LIMIT")
file=
case $COMMAND in
  verify)
    file=verify.xml
    words=(verify "${chosen[@]}" --junit "$file")
    ;;
  plan)
    file=tonight.plan
    words=(plan "${chosen[@]}" --out "$file")
    ;;
  apply)
    [[ $SHA256 =~ ^[0-9a-f]{64}$ ]] || refuse 'apply needs sha256, the output of the job that made the plan'
    echo "$SHA256  tonight.plan" | sha256sum --check || refuse 'tonight.plan is not the plan that was made'
    words=(apply tonight.plan "--inventory=$INVENTORY" --yes "--deadline=$DEADLINE")
    ;;
  *) refuse 'command: expected verify, plan or apply' ;;
esac

# What an earlier command left here is not what this one made: it would refuse to write over it, and the old file would go out as its own.
[ -z "$file" ] || rm -f -- "$file"
fencepost "${words[@]}"
code=$?
{
  echo "exit-code=$code"
  if [ -n "$file" ] && [ -f "$file" ]; then
    echo "file=$file"
    [ "$COMMAND" != plan ] || echo "sha256=$(sha256sum < "$file" | cut -d ' ' -f 1)"
  fi
} >> "$GITHUB_OUTPUT"
exit "$code"
