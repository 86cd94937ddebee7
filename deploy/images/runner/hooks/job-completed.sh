#!/bin/sh
exec /opt/runnerscaler/bin/runnerscaler-pod job-completed
