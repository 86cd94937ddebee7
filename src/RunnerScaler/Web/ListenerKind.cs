using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace RunnerScaler.Web;

/// <summary>The listeners. An endpoint answers at the one that it is mapped for, and nowhere else.</summary>
internal enum ListenerKind
{
    /// <summary>Plain HTTP, for the cluster's own probes and scrapers, and for people: metrics, health,
    /// explanations.</summary>
    Plain,

    /// <summary>TLS, for pods: claims.</summary>
    Claims,

    /// <summary>Plain HTTP, for GitHub, by way of whoever takes its TLS off.</summary>
    Webhooks,
}

internal static class ListenerKindExtensions
{
    /// <summary>Tells all connections of a listener by its kind.</summary>
    public static void Tag(this ListenOptions listener, ListenerKind kind) =>
        listener.Use(next => connection =>
        {
            connection.Features.Set(new Through(kind));
            return next(connection);
        });

    /// <summary>Maps an endpoint for the listener of one kind.</summary>
    public static void At(this IEndpointConventionBuilder endpoint, ListenerKind kind) =>
        endpoint.WithMetadata(new Through(kind));

    /// <summary>Hides endpoints from connections that came in elsewhere.</summary>
    public static void UseListenerKinds(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        var through = context.Features.Get<Through>();
        if (context.GetEndpoint() is { } endpoint && endpoint.Metadata.GetMetadata<Through>() != through)
            context.SetEndpoint(null);

        // What is worth holding a connection for at the other listeners, only a reviewed token tells.
        using var work = through?.Kind == ListenerKind.Plain ? context.Work() : null;
        await next(context);
    });

    /// <summary>The request's connection is not closed for want of work until what is returned is disposed.</summary>
    public static IDisposable? Work(this HttpContext context) =>
        context.Features.Get<ConnectionRoom.Seat>()?.Work();

    private sealed record Through(ListenerKind Kind);
}
