namespace RunnerScaler.Sandbox.GitHub;

internal sealed partial class Organization
{
    private HookLog? _hook;

    /// <summary>
    /// Gives the Apps a webhook with a log of its deliveries; that there is somebody to hear of them is another matter.
    /// </summary>
    /// <param name="faults">What goes wrong on the way into the log.</param>
    /// <param name="random">Which of them.</param>
    public void OpenHook(WebhookFaults faults, Random random)
    {
        lock (_gate) _hook = new HookLog(faults, random);
    }

    /// <summary>The log of the webhook, the newest entries first; null while the Apps have none.</summary>
    public IReadOnlyList<LoggedDelivery>? LoggedDeliveries()
    {
        lock (_gate)
        {
            var now = Applied();
            return _hook?.Show(_deliveries, now);
        }
    }
}
