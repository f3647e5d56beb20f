// What the dashboard must be by Grafana's published types, as JSON can be it.

import type { AnnotationQuery, Dashboard, DataQuery } from "@grafana/schema";

// JSON knows no enums: where the types ask for one, its text will do.
export type Json<T> = unknown extends T
  ? T
  : T extends string
    ? `${T}`
    : T extends (infer Item)[]
      ? Json<Item>[]
      : T extends object
        ? { [Name in keyof T]: Json<T[Name]> }
        : T;

// The published types leave out what the Prometheus data source adds.
interface PrometheusQuery extends DataQuery {
  expr: string;
  interval?: string;
}

interface PrometheusAnnotation extends AnnotationQuery<PrometheusQuery> {
  titleFormat?: string;
  textFormat?: string;
  useValueForTime?: boolean;
}

type FleetDashboard = Omit<Dashboard, "annotations"> & {
  annotations: { list: PrometheusAnnotation[] };
};

export type DashboardJson = Json<FleetDashboard>;
