//! From values to a picture: charts stacked in one SVG, with one time axis.
//!
//! The background is left open and all colours are of middle brightness, so that the picture is
//! legible on a light page and on a dark one. No fonts are needed to draw it; the reader's are used.

use anyhow::{Context, Result};
use plotters::backend::SVGBackend;
use plotters::chart::ChartBuilder;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{PathElement, Text};
use plotters::series::LineSeries;
use plotters::style::{Color, FontFamily, FontStyle, IntoFont, RGBColor, ShapeStyle, TextStyle};

use super::{Chart, Figure, Series};

const WIDTH: u32 = 900;
const TITLE: u32 = 40;
const HEAD: u32 = 26;
const LEGEND_ROW: u32 = 20;
const BODY: u32 = 190;
const LEFT: u32 = 64;
const RIGHT: u32 = 24;
const MARGIN: u32 = 10;
/// About the width of a letter at the size of the legend.
const LETTER: u32 = 7;
const SWATCH: u32 = 22;

const INK: RGBColor = RGBColor(0x77, 0x80, 0x8c);
/// Told apart also by those who see few colours.
const COLOURS: [RGBColor; 8] = [
    RGBColor(0x2f, 0x80, 0xd0),
    RGBColor(0xd9, 0x7a, 0x1f),
    RGBColor(0x35, 0x9b, 0x62),
    RGBColor(0xb5, 0x55, 0xa0),
    RGBColor(0xc9, 0x4f, 0x4f),
    RGBColor(0x2a, 0x9d, 0xa5),
    RGBColor(0x8f, 0x74, 0x4c),
    RGBColor(0x7a, 0x70, 0xd0),
];

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Where a name stands in the legend.
struct Place {
    x: u32,
    row: u32,
}

/// The time axis of all charts.
struct Time {
    end: f64,
    /// Seconds in one of its units.
    unit: f64,
    name: &'static str,
}

/// Draws the figure.
pub(super) fn svg(figure: &Figure) -> Result<String> {
    let mut picture = String::new();
    let total = TITLE + figure.charts.iter().map(height).sum::<u32>();
    {
        let root = SVGBackend::with_string(&mut picture, (WIDTH, total)).into_drawing_area();
        write(&root, &figure.title, (LEFT, 12), &bold(22))?;
        let time = Time::of(figure);
        let (_, mut rest) = root.split_vertically(TITLE);
        for chart in &figure.charts {
            let (area, below) = rest.split_vertically(height(chart));
            draw(&area, chart, &time).with_context(|| format!("chart {}", chart.title))?;
            rest = below;
        }
        root.present()?;
    }
    Ok(picture)
}

fn height(chart: &Chart) -> u32 {
    HEAD + legend_height(&chart.series) + BODY
}

fn draw(area: &Area<'_>, chart: &Chart, time: &Time) -> Result<()> {
    write(area, &chart.title, (LEFT, 4), &bold(17))?;
    let (head, body) = area.split_vertically(HEAD + legend_height(&chart.series));
    draw_legend(&head, &chart.series)?;
    draw_lines(&body, chart, time)
}

fn draw_legend(head: &Area<'_>, series: &[Series]) -> Result<()> {
    for ((place, series), colour) in places(series).iter().zip(series).zip(colours()) {
        let y = HEAD + place.row * LEGEND_ROW;
        let (left, middle) = (pixel(place.x), pixel(y + 7));
        let swatch = [(left, middle), (left + pixel(SWATCH) - 6, middle)];
        head.draw(&PathElement::new(swatch, line(colour)))?;
        write(head, &series.name, (place.x + SWATCH, y), &plain(15))?;
    }
    Ok(())
}

fn draw_lines(body: &Area<'_>, chart: &Chart, time: &Time) -> Result<()> {
    let mut axes = ChartBuilder::on(body)
        .margin_top(6)
        .margin_left(MARGIN)
        .margin_right(RIGHT)
        .margin_bottom(4)
        .x_label_area_size(38)
        .y_label_area_size(LEFT - MARGIN)
        .build_cartesian_2d(0.0..time.end, values(chart))?;
    axes.configure_mesh()
        .light_line_style(INK.mix(0.0))
        .bold_line_style(INK.mix(0.25))
        .axis_style(INK)
        .x_labels(12)
        .y_labels(5)
        .x_label_formatter(&|value| short(*value))
        .y_label_formatter(&|value| short(*value))
        .label_style(plain(15))
        .axis_desc_style(plain(15))
        .x_desc(time.name)
        .y_desc(chart.unit.as_str())
        .draw()?;
    for (series, colour) in chart.series.iter().zip(colours()) {
        let points = series.points.iter();
        let points = points.map(|(seconds, value)| (seconds / time.unit, *value));
        axes.draw_series(LineSeries::new(points, line(colour)))?;
    }
    Ok(())
}

impl Time {
    fn of(figure: &Figure) -> Self {
        let series = figure.charts.iter().flat_map(|chart| &chart.series);
        let moments = series
            .flat_map(|series| &series.points)
            .map(|point| point.0);
        let seconds = moments.fold(0.0, f64::max);
        let (unit, name) = if seconds > 600.0 {
            (60.0, "minutes")
        } else {
            (1.0, "seconds")
        };
        let end = if seconds > 0.0 { seconds / unit } else { 1.0 };
        Self { end, unit, name }
    }
}

/// From zero to a little above the highest value, so that no line lies on the frame.
fn values(chart: &Chart) -> std::ops::Range<f64> {
    let points = chart.series.iter().flat_map(|series| &series.points);
    let (lowest, highest) = points.fold((0.0_f64, 0.0_f64), |(low, high), point| {
        (low.min(point.1), high.max(point.1))
    });
    if highest <= lowest {
        return lowest..lowest + 1.0;
    }
    lowest * 1.08..highest * 1.08
}

/// The names one after the other, and on the next row where they would not fit.
fn places(series: &[Series]) -> Vec<Place> {
    let (mut x, mut row) = (LEFT, 0);
    let mut places = Vec::with_capacity(series.len());
    for series in series {
        let letters = u32::try_from(series.name.chars().count()).unwrap_or(u32::MAX);
        let width = SWATCH + letters.saturating_mul(LETTER) + 18;
        if x > LEFT && x.saturating_add(width) > WIDTH - RIGHT {
            (x, row) = (LEFT, row + 1);
        }
        places.push(Place { x, row });
        x = x.saturating_add(width);
    }
    places
}

fn legend_height(series: &[Series]) -> u32 {
    places(series)
        .last()
        .map_or(0, |last| (last.row + 1) * LEGEND_ROW)
}

fn write(area: &Area<'_>, text: &str, (x, y): (u32, u32), style: &TextStyle<'_>) -> Result<()> {
    let text = Text::new(text.to_owned(), (pixel(x), pixel(y)), style.clone());
    area.draw(&text).context("write")
}

fn colours() -> impl Iterator<Item = RGBColor> {
    COLOURS.into_iter().cycle()
}

fn line(colour: RGBColor) -> ShapeStyle {
    colour.stroke_width(2)
}

fn plain(size: u32) -> TextStyle<'static> {
    (FontFamily::SansSerif, size).into_font().color(&INK)
}

fn bold(size: u32) -> TextStyle<'static> {
    let font = (FontFamily::SansSerif, size).into_font();
    font.style(FontStyle::Bold).color(&INK)
}

/// A number with no more digits than it needs.
fn short(value: f64) -> String {
    let text = format!("{value:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" {
        "0".to_owned()
    } else {
        text.to_owned()
    }
}

fn pixel(length: u32) -> i32 {
    i32::try_from(length).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(series: &str) -> Figure {
        let text = format!(
            r#"{{"title": "A & B", "charts": [{{"title": "calls", "unit": "per second", "series": {series}}}]}}"#
        );
        serde_json::from_str(&text).expect("a figure")
    }

    #[test]
    fn every_title_unit_and_name_can_be_read_in_the_picture() {
        let picture = svg(&figure(
            r#"[{"name": "limit < 9", "points": [[0, 1], [5, 2.5]]}]"#,
        ));
        let picture = picture.expect("drawn");
        for text in [
            "A &amp; B",
            "calls",
            "per second",
            "limit &lt; 9",
            "seconds",
        ] {
            assert!(picture.contains(text), "{text} is missing in {picture}");
        }
    }

    #[test]
    fn a_run_of_an_hour_is_measured_in_minutes() {
        let picture = svg(&figure(r#"[{"name": "a", "points": [[0, 1], [3600, 2]]}]"#));
        assert!(picture.expect("drawn").contains("minutes"));
    }

    #[test]
    fn a_chart_without_a_point_or_with_one_value_only_is_drawn_too() {
        for series in [
            "[]",
            r#"[{"name": "a", "points": []}]"#,
            r#"[{"name": "a", "points": [[0, 0]]}]"#,
        ] {
            assert!(svg(&figure(series)).is_ok(), "{series}");
        }
    }

    #[test]
    fn names_that_do_not_fit_into_a_row_begin_another() {
        let names: Vec<_> = (0..20)
            .map(|n| format!(r#"{{"name": "worker number {n}", "points": []}}"#))
            .collect();
        let figure = figure(&format!("[{}]", names.join(",")));
        let places = places(&figure.charts[0].series);
        assert!(places.iter().all(|place| place.x < WIDTH - 100));
        assert_eq!(places.first().map(|place| place.row), Some(0));
        assert!(places.last().is_some_and(|place| place.row >= 2));
    }

    #[test]
    fn a_number_has_no_more_digits_than_it_needs() {
        assert_eq!(
            [short(2.0), short(0.25), short(-0.0001)],
            ["2", "0.25", "0"]
        );
    }
}
