namespace RunnerScaler.Web;

/// <summary>Sends a piece of an answer at once. Whoever does not take it in time loses the connection: others wait for
/// its place, and the pieces for him would pile up.</summary>
internal static class BoundedWrite
{
    /// <summary>How long one piece may take.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <exception cref="OperationCanceledException">The connection has ended, or was too slow.</exception>
    public static async Task SendAsync(HttpContext context, ReadOnlyMemory<byte> piece, TimeProvider time)
    {
        using var late = new CancellationTokenSource(Patience, time);
        await using var abort = late.Token.Register(context.Abort);
        await context.Response.Body.WriteAsync(piece, context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }
}
