/** Tables, CSV, JSON, charts, the page. */
package redraft.report;
