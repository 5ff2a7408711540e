/** The same studies over archives, on Apache Spark. */
package redraft.cluster;
