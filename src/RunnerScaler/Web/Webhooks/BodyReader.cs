using Microsoft.AspNetCore.Http.Features;

namespace RunnerScaler.Web.Webhooks;

/// <summary>
/// Reads bodies whole, before anything of them is believed. What is being read at the same time is bounded, and small
/// bodies always find room beside large ones; so is the time that one may take.
/// </summary>
internal sealed class BodyReader(TimeProvider time)
{
    /// <summary>GitHub sends no larger
    /// <see href="https://docs.github.com/webhooks/webhook-events-and-payloads#payload-cap">payload</see>.</summary>
    public const int Largest = 25 * 1024 * 1024;

    /// <summary>A delivery about a job has some 10 kB.</summary>
    private const int LargestSmall = 256 * 1024;

    private const long RoomForLarge = 2L * Largest;
    private const long RoomForSmall = 16L * 1024 * 1024;

    /// <summary>GitHub itself gives up after ten seconds.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private long small;
    private long large;

    /// <summary>What became of a body.</summary>
    /// <param name="Bytes">All of it; null if it could not be had.</param>
    /// <param name="Status">Why not: the answer's status.</param>
    internal readonly record struct Body(byte[]? Bytes, int Status)
    {
        public static Body Failed(int status) => new(null, status);
    }

    /// <param name="context">The request.</param>
    /// <param name="use">Takes the body, which is gone afterwards.</param>
    /// <exception cref="OperationCanceledException">The sender has gone.</exception>
    public async Task ReadAsync(HttpContext context, Func<Body, Task> use)
    {
        if (context.Request.ContentLength is not { } length)
        {
            await use(Body.Failed(StatusCodes.Status411LengthRequired));
            return;
        }
        if (length > Largest)
        {
            await use(Body.Failed(StatusCodes.Status413PayloadTooLarge));
            return;
        }
        var isSmall = length <= LargestSmall;
        var held = isSmall ? Interlocked.Add(ref small, length) : Interlocked.Add(ref large, length);
        try
        {
            await use(held <= (isSmall ? RoomForSmall : RoomForLarge)
                ? await ReadAsync(context, (int)length)
                : Body.Failed(StatusCodes.Status503ServiceUnavailable));
        }
        finally
        {
            _ = isSmall ? Interlocked.Add(ref small, -length) : Interlocked.Add(ref large, -length);
        }
    }

    private async Task<Body> ReadAsync(HttpContext context, int length)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = Largest;
        using var late = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, late.Token);
        var bytes = new byte[length];
        try
        {
            await context.Request.Body.ReadExactlyAsync(bytes, either.Token);
            return new(bytes, StatusCodes.Status200OK);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            return Body.Failed(StatusCodes.Status408RequestTimeout);
        }
        catch (Exception e) when (e is BadHttpRequestException or EndOfStreamException)
        {
            return Body.Failed(StatusCodes.Status400BadRequest);
        }
    }
}
