namespace RunnerScaler.Tests.Kubernetes;

/// <summary>Waits for a condition, not for a time; the time is only how long a test may hang.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static async Task Holds(Func<bool> condition, string what)
    {
        using var late = new CancellationTokenSource(Patience);
        while (!condition())
        {
            Assert.False(late.IsCancellationRequested, $"did not come true: {what}");
            await Task.Delay(5, CancellationToken.None);
        }
    }
}
