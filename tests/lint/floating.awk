# floating.awk - no floating point in what is simulated or hashed: its last bit hangs on the compiler and the library.

{
	text = " " code() " "
	gsub(/[A-Za-z0-9_.]*\.\.\.[A-Za-z0-9_.]*/, " ", text)
}

text ~ /^ *# *include *<(math|tgmath|complex|float|fenv)\.h>/ ||
match(text, /[^A-Za-z0-9_](float|double|gfloat|gdouble|valuedouble|_Float[0-9]+x?|_Complex)[^A-Za-z0-9_]/) ||
match(text, /[^A-Za-z0-9_.]([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+[eE][-+]?[0-9]+)/) {
	what = $0
	sub(/^[ \t]+/, "", what)
	finding(FNR, "floating point: " what " (integers only)")
}
