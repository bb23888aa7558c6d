# includes.awk - what a folder may include. Arrows run cli -> {plots, traces, models} -> sim; models replay traces.

BEGIN {
	may["sim"] = "sim"
	may["traces"] = "sim, traces"
	may["plots"] = "sim, plots"
	may["models"] = "sim, traces, models"
	may["cli"] = "sim, traces, plots, models, cli"
}

{
	text = code()
	folder = FILENAME
	sub(/\/.*/, "", folder)
}

folder in may && text ~ /^[ \t]*#[ \t]*include[ \t]*"/ {
	path = $0
	sub(/^[^"]*"/, "", path)
	sub(/".*/, "", path)
	target = path
	sub(/\/.*/, "", target)
	if (target in may && index(", " may[folder] ",", ", " target ",") == 0)
		finding(FNR, "includes " path " (" folder "/ may include only " may[folder] ")")
}
