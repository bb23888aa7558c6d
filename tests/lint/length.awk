# length.awk - lines of files and functions. clang-format puts the braces of a function, and of nothing else, alone in
# the first column; that is enough to find where it begins and ends, also for a path, whose head is a macro.

FNR > 600 && !(FILENAME in reported) {
	reported[FILENAME] = 1
	finding(FNR, "more than 600 lines (one idea a file, at most 600 lines)")
}

FNR == 1 || /^}/ || /;$/ || /^$/ {
	head = ""
}

/^[A-Za-z_].*\(/ && !head {
	head = $0
	head_line = FNR
}

/^{$/ && head {
	start = head_line
	path = head ~ /^PATH\(/
	name = head
	if (path)
		sub(/^PATH\(/, "", name)
	sub(/[(),].*/, "", name)
	sub(/.*[ *]/, "", name)
}

/^}$/ && start {
	length_ = FNR - start + 1
	if (length_ > (path ? 100 : 60))
		finding(start, (path ? "path " : "function ") name " has " length_ " lines (at most " \
			(path ? 100 : 60) ")")
	start = 0
}
