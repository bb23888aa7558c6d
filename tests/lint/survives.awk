# survives.awk - a path is entered anew at every step, so what stands between STEPS and BEGIN is computed anew: a local
# that could change there would silently be reset. Only a const pointer or value may stand there.

{
	text = code()
}

FNR == 1 {
	state = ""
}

text ~ /^PATH\(/ {
	state = "head"
	next
}

state == "head" && text ~ /^\tSTEPS\(/ {
	state = "steps"
}

state == "steps" {
	if (text ~ /;[ \t]*$/) {
		state = "prologue"
		statement = ""
	}
	next
}

state == "prologue" && text ~ /^[ \t]*BEGIN[ \t]*;/ {
	state = ""
}

state == "prologue" && text !~ /^[ \t]*$/ {
	if (statement == "")
		first = FNR
	sub(/^[ \t]+/, "", text)
	statement = statement (statement == "" ? "" : " ") text
	if (text ~ /[;{}][ \t]*$/) {
		if (!constant(statement))
			finding(first, "does not survive a step: " statement " (a const pointer or value, or a field of the frame)")
		statement = ""
	}
}

# In TYPE *const NAME = ... nothing but the pointer itself counts, in TYPE const NAME = ... the value.
function constant(statement,	declarator)
{
	declarator = statement
	if (!sub(/[ \t]*=.*/, "", declarator))
		return 0
	if (declarator ~ /\*/) {
		sub(/.*\*/, "*", declarator)
		return declarator ~ /^\*[ \t]*const[ \t]+[A-Za-z_][A-Za-z0-9_]*$/
	}
	return declarator ~ /(^|[ \t])const[ \t]/
}
