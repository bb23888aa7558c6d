# growth.csv -> growth.svg: seconds and MiB over n, an axis a line, both scales logarithmic. A line as steep as the grey
# ones grows in proportion to n.
set datafile separator ","
set terminal svg size 1000,420 noenhanced
set output "growth.svg"
set logscale xy
set key left top
set format x "%.0s%c"
set format y "%g"
set xtics 1, 100
set xlabel "n"
axes = "pages tasks CPUs cgroups 'MiB of memory' slots"
set multiplot layout 1,2
set ylabel "CPU seconds"
set yrange [0.01:100]
plot for [a in axes] "growth.csv" using (stringcolumn(1) eq a ? $2 : NaN):3 with linespoints title a, \
     x * 1e-3 with lines linecolor "grey" notitle, x * 1e-6 with lines linecolor "grey" notitle
set ylabel "MiB"
set yrange [1:10000]
unset key
plot for [a in axes] "growth.csv" using (stringcolumn(1) eq a ? $2 : NaN):4 with linespoints title a, \
     x * 1e-1 with lines linecolor "grey", x * 1e-4 with lines linecolor "grey"
unset multiplot
