/** Serving under load by discrete events: what requests wait for, and what they get. */
package redraft.traffic;
