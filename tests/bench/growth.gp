# growth.csv -> growth.svg: seconds and MiB over n, an axis a line, both scales logarithmic. A line as steep as the grey
# one grows in proportion to n.
set datafile separator ","
set terminal svg size 1000,420 noenhanced
set output "growth.svg"
set logscale xy
set key left top
set xlabel "n"
axes = "pages tasks CPUs cgroups 'MiB of memory' slots"
set multiplot layout 1,2
set ylabel "CPU seconds"
plot for [a in axes] "growth.csv" using (stringcolumn(1) eq a ? $2 : NaN):3 with linespoints title a, \
     x * 1e-5 with lines linecolor "grey" title "n"
set ylabel "MiB"
unset key
plot for [a in axes] "growth.csv" using (stringcolumn(1) eq a ? $2 : NaN):4 with linespoints title a, \
     x * 1e-3 with lines linecolor "grey" title "n"
unset multiplot
