# Of xunit's XML reports, with a line break between any two elements (sed 's/></>\n</g'): failures, what was skipped and
# why, the ten slowest tests, the counts. `broken` counts what failed outside of a test: the format check, a test program
# that died.

function attribute(line, name) {
  if (!match(line, " " name "=\"[^\"]*\"")) return ""
  return plain(substr(line, RSTART + length(name) + 3, RLENGTH - length(name) - 4))
}

function plain(text) {
  gsub(/&lt;/, "<", text); gsub(/&gt;/, ">", text); gsub(/&quot;/, "\"", text); gsub(/&apos;/, "'", text)
  gsub(/&#xA;/, " ", text); gsub(/&#xD;/, "", text); gsub(/&amp;/, "\\&", text)
  return text
}

BEGIN { kept = 0 + broken }

# Text of a message, a reason or a stack trace: up to the line that ends it.
inside {
  text = text "\n    " $0
  if ($0 ~ /\]\]>$/) { inside = 0; keep() }
  next
}

/^<!\[CDATA\[/ {
  text = substr($0, 10)
  if ($0 ~ /\]\]>$/) keep(); else inside = 1
  next
}

/^<test / {
  test = attribute($0, "name"); result = attribute($0, "result")
  count[result]++
  slow[test] = attribute($0, "time") + 0
}
/^<error / { kept++; test = "outside of a test: " attribute($0, "name"); result = "Fail" }
/^<(message|reason|stack-trace)>/ { element = $0 }

function keep() {
  sub(/\]\]>$/, "", text); gsub(/\\"/, "\"", text)
  if (element ~ /^<reason/) skipped[++s] = test ": " text
  else if (result == "Fail" && element ~ /^<message/) failed[++n] = test "\n    " text
  else if (result == "Fail" && element ~ /^<stack-trace/) failed[n] = failed[n] "\n    " text
  element = ""
}

END {
  if (s) print "\n== skipped"
  for (i = 1; i <= s; i++) print skipped[i]
  if (n) print "\n== failed"
  for (i = 1; i <= n; i++) print failed[i]
  print "\n== the ten slowest"
  for (rank = 1; rank <= 10; rank++) {
    best = ""
    for (t in slow) if (best == "" || slow[t] > slow[best]) best = t
    if (best == "") break
    printf "%7.1f s  %s\n", slow[best], best
    delete slow[best]
  }
  failures = count["Fail"] + kept
  printf "\n%d passed, %d failed, %d skipped\n", count["Pass"], failures, count["Skip"]
  exit failures > 0
}
