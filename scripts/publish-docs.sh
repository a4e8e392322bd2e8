#!/usr/bin/env bash
# Push the site of one version to the branch gh-pages: scripts/publish-docs.sh v0.2.0
# `make docs DOCS_VERSION=0.2.0` has built it in build/site. Needs GITHUB_TOKEN and REPOSITORY.
set -euo pipefail
tag=${1:?a tag is required}
version=${tag#v}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
branch=$(mktemp -d)
trap 'rm -rf "$branch"' EXIT
remote="https://x-access-token:${GITHUB_TOKEN}@github.com/${REPOSITORY}"

git clone --quiet --depth 1 --branch gh-pages "$remote" "$branch" ||
    { git init --quiet --initial-branch gh-pages "$branch" && git -C "$branch" remote add origin "$remote"; }
rm -rf "${branch:?}/$version" "$branch/latest"
cp -R "$root/build/site/$version" "$branch/$version"
cp -R "$root/build/site/$version" "$branch/latest"
"$root/.venv/bin/python" -m scripts.docs_site.versions "$branch" "$version"
git -C "$branch" add --all
git -C "$branch" -c user.name=docs -c user.email=docs@example.com commit --quiet --message "Publish the documentation of $version"
git -C "$branch" push --quiet origin gh-pages
