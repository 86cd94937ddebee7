using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;


namespace RunnerScaler.Control.Ports;

/// <summary>
/// Publishes Kubernetes Events about pools and pods. The same reason with the same note for the same one is published
/// once in two minutes; failures are logged and forgotten: an Event is a courtesy.
/// </summary>
internal interface IEventSink
{
    /// <param name="pool">The pool it is about.</param>
    /// <param name="warning">Whether a person should look; else it is information.</param>
    /// <param name="reason">One word in CamelCase: what happened.</param>
    /// <param name="note">One sentence, without secrets, at most 1 kB.</param>
    void Publish(PoolKey pool, bool warning, string reason, string note);

    /// <summary>The same about a pod, which may be gone by now.</summary>
    void Publish(PodFacts pod, bool warning, string reason, string note);
}
