# code.awk - code(): the current line without comments; strings and character constants are emptied. For -f before a
# rule's own program, which must call it for every line.

function code(	out, rest, at)
{
	if (FNR == 1)
		in_comment = 0
	rest = $0
	out = ""
	while (rest != "") {
		if (in_comment) {
			at = index(rest, "*/")
			if (!at)
				return out
			rest = substr(rest, at + 2)
			in_comment = 0
		} else if (match(rest, /\/\*|\/\/|"|'/)) {
			out = out substr(rest, 1, RSTART - 1)
			at = substr(rest, RSTART, RLENGTH)
			rest = substr(rest, RSTART + RLENGTH)
			if (at == "//")
				return out
			if (at == "/*") {
				out = out " "
				in_comment = 1
			} else {
				out = out at at
				rest = after_quote(rest, at)
			}
		} else {
			return out rest
		}
	}
	return out
}

# What follows the closing quote.
function after_quote(rest, quote,	i, c)
{
	for (i = 1; i <= length(rest); i++) {
		c = substr(rest, i, 1)
		if (c == "\\")
			i++
		else if (c == quote)
			return substr(rest, i + 1)
	}
	return ""
}

function finding(line, what)
{
	print FILENAME ":" line ": " what
}
