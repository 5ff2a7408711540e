/** Hardware and model sizes with their sources. */
package redraft.hardware;
