package io.github.requestmirror.benchmarks.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.jfree.chart.ChartFactory;
import org.jfree.chart.ChartUtils;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.CategoryLabelPositions;
import org.jfree.chart.axis.LogarithmicAxis;
import org.jfree.chart.plot.PlotOrientation;
import org.jfree.chart.plot.XYPlot;
import org.jfree.data.category.DefaultCategoryDataset;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/** Draws plots as PNG. Needs no display. */
public final class Charts {
  private static final int WIDTH = 1000;
  private static final int HEIGHT = 600;

  static {
    System.setProperty("java.awt.headless", "true");
  }

  private Charts() {}

  /**
   * Draws groups of bars.
   *
   * @param values for each category the value of each series
   */
  public static void bars(
      Path file, String title, String unit, Map<String, Map<String, Double>> values)
      throws IOException {
    DefaultCategoryDataset data = new DefaultCategoryDataset();
    values.forEach(
        (category, series) ->
            series.forEach((name, value) -> data.addValue(finite(value), name, category)));
    JFreeChart chart = ChartFactory.createBarChart(title, null, unit, data);
    chart.getCategoryPlot().getDomainAxis().setCategoryLabelPositions(CategoryLabelPositions.UP_45);
    ChartUtils.saveChartAsPNG(file.toFile(), chart, WIDTH, HEIGHT);
  }

  private static Double finite(Double value) {
    return value.isNaN() || value.isInfinite() ? null : value;
  }

  /**
   * Draws lines.
   *
   * @param series for each line its points, x in ascending order
   */
  public static void lines(
      Path file, String title, String x, String y, Map<String, double[][]> series)
      throws IOException {
    ChartUtils.saveChartAsPNG(file.toFile(), lines(title, x, y, series), WIDTH, HEIGHT);
  }

  /** Draws lines over a logarithmic y axis. */
  public static void logLines(
      Path file, String title, String x, String y, Map<String, double[][]> series)
      throws IOException {
    JFreeChart chart = lines(title, x, y, series);
    XYPlot plot = chart.getXYPlot();
    LogarithmicAxis axis = new LogarithmicAxis(y);
    axis.setAllowNegativesFlag(true);
    plot.setRangeAxis(axis);
    ChartUtils.saveChartAsPNG(file.toFile(), chart, WIDTH, HEIGHT);
  }

  private static JFreeChart lines(
      String title, String x, String y, Map<String, double[][]> series) {
    XYSeriesCollection data = new XYSeriesCollection();
    series.forEach(
        (name, points) -> {
          XYSeries line = new XYSeries(name, false);
          for (double[] point : points) {
            line.add(point[0], point[1]);
          }
          data.addSeries(line);
        });
    return ChartFactory.createXYLineChart(
        title, x, y, data, PlotOrientation.VERTICAL, true, false, false);
  }
}
