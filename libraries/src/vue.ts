/** A JetSocket in Vue: it connects when the component is mounted, and closes with it. */
import { connect, type JetSocket } from 'jetsocket';
import {
  onMounted,
  onScopeDispose,
  readonly,
  type Ref,
  ref,
  type ShallowRef,
  shallowRef,
} from 'vue';

export function useJetSocket(url: string): {
  /** Undefined until the component is mounted, and on a server. */
  readonly socket: Readonly<ShallowRef<JetSocket | undefined>>;
  readonly state: Readonly<Ref<JetSocket['state']>>;
} {
  const socket = shallowRef<JetSocket>();
  const state = ref<JetSocket['state']>('idle');
  onMounted(() => {
    const connected = connect(url);
    connected.on('state_change', ({ to }) => (state.value = to));
    socket.value = connected; // Shallow: Vue must not wrap a class with private fields.
  });
  onScopeDispose(() => void socket.value?.close());
  return { socket, state: readonly(state) };
}
