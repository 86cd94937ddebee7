using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Sandbox.Cluster.Api;

/// <summary>Executes requests about objects and their subresources, all but watches.</summary>
internal sealed class ObjectHandler(ObjectStore store, Reviews reviews)
{
    /// <exception cref="KubeFailure">Whatever the store refuses; 404 and 405 for what is not served.</exception>
    public async Task<KubeResponse> HandleAsync(KubeRequest request, HttpRequest http)
    {
        if (Reviews.All.Contains(request.Type))
            return await ReviewAsync(request, http);
        return (request.Subresource, request.Verb) switch
        {
            ("" or "status", "get") =>
                Served(200, request, store.Get(request.StoredType, request.Namespace, request.Name!)),
            ("", "list") => List(request),
            ("", "create") when request.Name is null => await CreateAsync(request, http),
            ("" or "status", "update") => await UpdateAsync(request, http),
            ("" or "status", "patch") => await PatchAsync(request, http),
            ("", "delete") => await DeleteAsync(request, http),
            ("", "deletecollection") => await DeleteCollectionAsync(request, http),
            ("scale", _) when request.Type.Scale is not null =>
                await ScaleSubresource.HandleAsync(store, request, http),
            ("binding", "create") when request.Type == KnownTypes.Pods => await BindAsync(request, http),
            ("eviction", "create") when request.Type == KnownTypes.Pods => await EvictAsync(request, http),
            ("token", "create") when request.Type == KnownTypes.ServiceAccounts => KubeResponse.Of(201,
                reviews.RequestToken(request.Namespace!, request.Name!, await BodyReader.ReadObjectAsync(http))),
            ("" or "status" or "binding" or "eviction" or "token", _) => throw KubeFailure.MethodNotAllowed(),
            _ => throw KubeFailure.NoSuchPath(),
        };
    }

    private static KubeResponse Served(int code, KubeRequest request, StoredObject item) =>
        KubeResponse.Of(code, item, request.View);

    private async Task<KubeResponse> ReviewAsync(KubeRequest request, HttpRequest http)
    {
        if (request.Verb != "create")
            throw KubeFailure.MethodNotAllowed();
        var body = await BodyReader.ReadObjectAsync(http);
        Creation.RequireType(request.Type, body);
        if (request.Type == Reviews.TokenReviews)
            return KubeResponse.Of(201, reviews.ReviewToken(body));
        return KubeResponse.Of(201, request.Type == Reviews.SelfSubjectRulesReviews
            ? reviews.ReviewRules(body, request.User)
            : reviews.ReviewAccess(body, request.User));
    }

    private KubeResponse List(KubeRequest request)
    {
        var version = Versions.Read(request.Query["resourceVersion"]);
        var exact = request.Query["resourceVersionMatch"] == "Exact" ? version : null;
        if (version > store.Version)
        {
            throw new KubeFailure(504, "Timeout", $"Too large resource version: {version}, current: {store.Version}",
                new JsonObject
                {
                    ["causes"] = new JsonArray(new JsonObject
                    {
                        ["reason"] = "ResourceVersionTooLarge",
                        ["message"] = "Too large resource version",
                    }),
                    ["retryAfterSeconds"] = 1,
                });
        }
        var token = request.Query["continue"].ToString();
        var page = store.List(request.StoredType, request.Selector(), (int)(request.Number("limit") ?? 0),
            token.Length == 0 ? null : token, exact);
        return KubeResponse.Of(page, request.Type, request.View);
    }

    private async Task<KubeResponse> CreateAsync(KubeRequest request, HttpRequest http)
    {
        if (request.Type.Namespaced && request.Namespace is null)
            throw KubeFailure.MethodNotAllowed();
        var body = ToStored(request, await BodyReader.ReadObjectAsync(http));
        return Served(201, request, store.Create(request.StoredType, request.Namespace, body, request.Write));
    }

    private async Task<KubeResponse> UpdateAsync(KubeRequest request, HttpRequest http)
    {
        RequirePart(request);
        var body = ToStored(request, await BodyReader.ReadObjectAsync(http));
        var existed = store.Find(request.StoredType, request.Namespace, request.Name!) is not null;
        var item = store.Update(
            request.StoredType, request.Namespace, request.Name!, body, request.Part, request.Write);
        return Served(existed ? 200 : 201, request, item);
    }

    private async Task<KubeResponse> PatchAsync(KubeRequest request, HttpRequest http)
    {
        RequirePart(request);
        var patch = await BodyReader.ReadPatchAsync(http);
        if (request.View is not { } view)
        {
            var existed = store.Find(request.StoredType, request.Namespace, request.Name!) is not null;
            var item = store.Patch(request.Type, request.Namespace, request.Name!, patch, request.Part, request.Write);
            return Served(existed ? 200 : 201, request, item);
        }
        var patched = store.Modify(view.Stored, request.Namespace, request.Name!,
            current => ToStored(request, ObjectStore.Patched(view.Served, view.ToServed(current), patch)), request.Part,
            request.Write);
        return Served(200, request, patched);
    }

    private async Task<KubeResponse> DeleteAsync(KubeRequest request, HttpRequest http)
    {
        var result = store.Delete(
            request.StoredType, request.Namespace, request.Name!, await OptionsAsync(request, http));
        return result.Gone && !request.Type.ReturnsDeleted
            ? KubeResponse.Deleted(result.Item)
            : Served(200, request, result.Item);
    }

    private async Task<KubeResponse> DeleteCollectionAsync(KubeRequest request, HttpRequest http)
    {
        var options = await OptionsAsync(request, http);
        var page = store.List(request.StoredType, request.Selector());
        foreach (var item in page.Items.Where(i => store.Find(i.Type, i.Namespace, i.Name)?.Uid == i.Uid))
            store.Delete(item.Type, item.Namespace, item.Name, options);
        return KubeResponse.Of(page, request.Type, request.View);
    }

    private async Task<KubeResponse> BindAsync(KubeRequest request, HttpRequest http)
    {
        var body = await BodyReader.ReadObjectAsync(http);
        var node = body.Text("target", "name") is { Length: > 0 } name
            ? name
            : throw KubeFailure.Invalid(request.Type, request.Name!, [FieldError.Required("target.name")]);
        store.Bind(request.Namespace!, request.Name!, node);
        return KubeResponse.Done(201);
    }

    private async Task<KubeResponse> EvictAsync(KubeRequest request, HttpRequest http)
    {
        var body = await BodyReader.ReadObjectAsync(http);
        store.Delete(request.Type, request.Namespace, request.Name!,
            DeleteOptions.From(body["deleteOptions"] as JsonObject));
        return KubeResponse.Done(201);
    }

    private static async Task<DeleteOptions> OptionsAsync(KubeRequest request, HttpRequest http)
    {
        var options = DeleteOptions.From(await BodyReader.ReadOptionalAsync(http));
        return options with
        {
            GraceSeconds = options.GraceSeconds ?? request.Number("gracePeriodSeconds"),
            Orphan = options.Orphan || request.Query["propagationPolicy"] == "Orphan",
            DryRun = options.DryRun || request.Write.DryRun,
        };
    }

    private static void RequirePart(KubeRequest request)
    {
        if (request.Part == Part.Status && !request.Type.HasStatus)
            throw KubeFailure.NoSuchPath();
    }

    private static JsonObject ToStored(KubeRequest request, JsonObject body) =>
        request.View is null ? body : request.View.ToStored(body);
}
