/** What passes and steps cost, in serving engines too; deployments. */
package redraft.latency;
