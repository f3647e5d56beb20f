//! The dashboard's JSON, and what is of interest in it.

use serde_json::Value;

use crate::deploy::checkout;

/// `deploy/grafana/dashboards/cldsync.json`.
pub(crate) struct Dashboard {
    pub(super) panels: Vec<Value>,
    json: Value,
}

/// One query, and the title of the panel or annotation that it is for.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    pub(crate) panel: String,
    pub(crate) legend: String,
    pub(crate) text: String,
}

impl Dashboard {
    pub(super) fn text() -> String {
        checkout::read("deploy/grafana/dashboards/cldsync.json")
    }

    pub(crate) fn read() -> Self {
        let mut json: Value = serde_json::from_str(&Self::text()).expect("JSON");
        let Value::Array(panels) = json["panels"].take() else {
            panic!("the dashboard has no panels");
        };
        Self { panels, json }
    }

    /// The panels that show something: all but the rows.
    pub(super) fn graphs(&self) -> impl Iterator<Item = &Value> {
        self.panels.iter().filter(|panel| panel["type"] != "row")
    }

    /// What the panels are called.
    pub(crate) fn titles(&self) -> Vec<&str> {
        let titles = self.graphs().map(|panel| panel["title"].as_str());
        titles.map(Option::unwrap_or_default).collect()
    }

    /// The names of the variables, in their order on the page.
    pub(super) fn variables(&self) -> impl Iterator<Item = &str> {
        let all = self.json["templating"]["list"].as_array().into_iter();
        all.flatten()
            .filter_map(|variable| variable["name"].as_str())
    }

    /// Every query, those of the annotations included.
    pub(crate) fn queries(&self) -> Vec<Query> {
        let mut queries = Vec::new();
        for panel in self.graphs() {
            let targets = panel["targets"].as_array().into_iter().flatten();
            queries.extend(targets.map(|target| Query::of(target, &panel["title"])));
        }
        let annotations = self.json["annotations"]["list"].as_array();
        for annotation in annotations.into_iter().flatten() {
            queries.push(Query::of(&annotation["target"], &annotation["name"]));
        }
        queries
    }

    /// The unit and the queries of the panel with this title.
    pub(crate) fn panel(&self, title: &str) -> (String, Vec<Query>) {
        let panel = self.graphs().find(|panel| panel["title"] == title);
        let panel = panel.unwrap_or_else(|| panic!("no panel `{title}`"));
        let unit = panel["fieldConfig"]["defaults"]["unit"].as_str();
        let queries = self.queries();
        let queries = queries.into_iter().filter(|query| query.panel == title);
        (unit.unwrap_or_default().to_owned(), queries.collect())
    }
}

impl Query {
    fn of(target: &Value, title: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let query = Self {
            panel: text(title),
            legend: text(&target["legendFormat"]),
            text: text(&target["expr"]),
        };
        assert!(!query.text.is_empty(), "{title} has an empty query");
        query
    }

    /// The query as Grafana sends it, with everything chosen and rates over this window.
    pub(crate) fn for_everything(&self, rate_window: &str) -> String {
        let text = self.text.replace("$__rate_interval", rate_window);
        let text = text.replace("$job", ".*").replace("$instance", ".*");
        assert!(!text.contains('$'), "an unknown variable in {text}");
        text
    }
}

/// Where a panel is, in the units of Grafana's grid of 24 columns.
#[derive(Debug)]
pub(super) struct GridPos {
    x: u64,
    y: u64,
    w: u64,
    h: u64,
}

impl GridPos {
    pub(super) fn of(panel: &Value) -> Self {
        let number = |name: &str| {
            let number = panel["gridPos"][name].as_u64();
            number.unwrap_or_else(|| panic!("no {name} in the place of {}", panel["title"]))
        };
        Self {
            x: number("x"),
            y: number("y"),
            w: number("w"),
            h: number("h"),
        }
    }

    pub(super) fn fits(&self) -> bool {
        self.w > 0 && self.h > 0 && self.x + self.w <= 24
    }

    pub(super) fn overlaps(&self, other: &Self) -> bool {
        self.x < other.x + other.w
            && other.x < self.x + self.w
            && self.y < other.y + other.h
            && other.y < self.y + self.h
    }
}
