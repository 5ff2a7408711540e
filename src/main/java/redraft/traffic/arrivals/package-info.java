/** Requests that a server gets: when each comes, and how long its prompt and answer are. */
package redraft.traffic.arrivals;
