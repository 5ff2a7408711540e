/** What passes and steps cost, deployments. */
package redraft.latency;
