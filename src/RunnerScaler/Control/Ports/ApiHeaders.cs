namespace RunnerScaler.Control.Ports;

/// <summary>What questions bring along besides what HTTP has a header for.</summary>
internal static class ApiHeaders
{
    /// <summary>
    /// The token of who asks, where <c>Authorization</c> does not arrive: the API server takes it off what it passes on
    /// to a Service.
    /// </summary>
    public const string Token = "RunnerScaler-Token";

    /// <summary>The question comes from a replica that does not lead: it is not passed on again.</summary>
    public const string Passed = "RunnerScaler-Passed";
}
